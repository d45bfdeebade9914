package io.lockstep.kv.txn;

/** How two things are compared. The codes are part of the format: never renumber. */
public enum Operator {
  EQUAL(0, "="),
  NOT_EQUAL(1, "!="),
  LESS(2, "<"),
  GREATER(3, ">");

  private final int code;
  private final String sign;

  Operator(int code, String sign) {
    this.code = code;
    this.sign = sign;
  }

  public int code() {
    return code;
  }

  /** As it is written. */
  public String sign() {
    return sign;
  }

  /** Whether it holds for two things of which {@code compareTo} says {@code comparison}. */
  boolean holds(int comparison) {
    return switch (this) {
      case EQUAL -> comparison == 0;
      case NOT_EQUAL -> comparison != 0;
      case LESS -> comparison < 0;
      case GREATER -> comparison > 0;
    };
  }
}
