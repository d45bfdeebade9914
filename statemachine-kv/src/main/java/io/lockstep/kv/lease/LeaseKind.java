package io.lockstep.kv.lease;

/** What a lease was made for. The codes are part of the format: never renumber. */
public enum LeaseKind {
  /** For whatever its holder attaches to it. */
  PLAIN(0),
  /** For the one lock that it was acquired with: it ends when that is given back. */
  OF_LOCK(1),
  /** For the one key that was put with a time to live: it ends when nothing is on it any more. */
  OF_KEY(2);

  private final int code;

  LeaseKind(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
