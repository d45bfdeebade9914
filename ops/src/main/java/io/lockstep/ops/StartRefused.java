package io.lockstep.ops;

/** A node does not start. The message is one line, for the operator, and says what to do. */
public final class StartRefused extends Exception {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  public StartRefused(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public StartRefused(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public ExitCode exitCode() {
    return exitCode;
  }
}
