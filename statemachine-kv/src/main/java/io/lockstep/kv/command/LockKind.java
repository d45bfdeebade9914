package io.lockstep.kv.command;

/**
 * What a lock is to its users. Names of different kinds have nothing to do with each other. The
 * codes are part of the format: never renumber.
 */
public enum LockKind {
  /** Something to be held. */
  LOCK(0),
  /** An office to be held, with candidates who wait for it. */
  ELECTION(1),
  /** Permits, of which a limited number is held at once, by whomever. */
  SEMAPHORE(2);

  private final int code;

  LockKind(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
