package io.lockstep.ops;

/** What a node's exit status says. Part of the operator's interface: never renumber. */
public enum ExitCode {
  /** Done. A node that SIGTERM stops ends with the 143 that the JVM gives it instead. */
  OK(0),
  /** An option is missing or wrong. */
  USAGE(2),
  /** The node stopped itself: a failed force, a full or broken disk file, or a broken invariant. */
  FATAL(70),
  /** The data directory is damaged, foreign, or in use by another process. */
  DATA_REFUSED(71),
  /** A port cannot be bound. */
  PORT_REFUSED(72),
  /** The peers do not accept this node as the member whose name it carries. */
  IDENTITY_REFUSED(73);

  private final int status;

  ExitCode(int status) {
    this.status = status;
  }

  public int status() {
    return status;
  }
}
