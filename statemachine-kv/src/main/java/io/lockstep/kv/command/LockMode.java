package io.lockstep.kv.command;

/** With whom a lock is held. The codes are part of the format: never renumber. */
public enum LockMode {
  /** By one alone. */
  EXCLUSIVE(0),
  /** By any number at once, none of them exclusively. */
  SHARED(1);

  private final int code;

  LockMode(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
