package io.lockstep.http.error;

/**
 * Thrown while a request is understood, when it cannot be: nothing was done, and {@link #problem}
 * is the answer. Cheap: it has no stack trace.
 */
public final class Rejected extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public Rejected(Problem problem) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  public Rejected(ProblemCode code, String detail) {
    this(Problem.of(code, detail));
  }

  /** The answer. */
  public Problem problem() {
    return problem;
  }
}
