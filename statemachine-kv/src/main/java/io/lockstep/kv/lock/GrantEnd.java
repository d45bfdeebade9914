package io.lockstep.kv.lock;

/** How a grant ended. The codes are part of the format: never renumber. */
public enum GrantEnd {
  /** By its holder's will. */
  RELEASED(0),
  /** Its lease expired. */
  EXPIRED(1),
  /** It was taken away. */
  FORCED(2);

  private final int code;

  GrantEnd(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** Whether it ended against its holder's will. */
  public boolean lost() {
    return this != RELEASED;
  }
}
