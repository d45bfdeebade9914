package io.lockstep.kv.result;

/** What a transaction may have so much of. The codes are part of the format: never renumber. */
public enum TxnBound {
  /** Keys that comparisons of ranges look at. */
  KEYS_COMPARED(0),
  /** Keys that its operations remove. */
  KEYS_DELETED(1),
  /** Bytes of what its operations read, with what each key costs beside them. */
  ANSWER_BYTES(2);

  private final int code;

  TxnBound(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
