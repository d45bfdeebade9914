package io.lockstep.http.request;

/** Strict decimal numbers: digits only, no sign, no blanks, no leading zero but in 0 itself. */
final class Digits {
  private static final int DIGITS_MAX = 18;

  private Digits() {}

  /** The number, negative when {@code text} is none. */
  static long parse(String text) {
    return parse(text, 0, text.length());
  }

  /** The number from {@code from} to {@code end}, negative when there is none. */
  static long parse(String text, int from, int end) {
    int length = end - from;
    if (length < 1 || length > DIGITS_MAX || length > 1 && text.charAt(from) == '0') {
      return -1;
    }
    long value = 0;
    for (int i = from; i < end; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }
}
