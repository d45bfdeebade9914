package io.lockstep.raft.identity;

/** The one spelling of an id in hexadecimal: lower case, of fixed length. */
final class HexText {
  private HexText() {}

  static boolean isHex(String text, int length) {
    return text.length() == length && text.chars().allMatch(HexText::isDigit);
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
  }
}
