package io.lockstep.kv.result;

/** Why a lock was not to be had. The codes are part of the format: never renumber. */
public enum LockReason {
  /** Another holds it. */
  HELD(0),
  /** Another holds it and others wait for it. */
  QUEUED(1),
  /** Nobody holds it: it is kept for one who waits for others with it. */
  RESERVED(2),
  /** The lease of one who held it has expired, and its delay is not over. */
  DELAY(3);

  private final int code;

  LockReason(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
