package io.lockstep.http.response;

import io.lockstep.raft.bytes.Bytes;

/** Tells UTF-8 text (RFC 3629: shortest form, no surrogates) from other bytes. */
public final class Utf8 {
  private Utf8() {}

  /** Whether {@code bytes} are valid UTF-8. */
  public static boolean valid(Bytes bytes) {
    int length = bytes.length();
    int i = 0;
    while (i < length) {
      int lead = bytes.at(i);
      int more = lead >= 0 ? 0 : following(lead & 0xff);
      if (more < 0 || i + more >= length || more > 0 && !tail(bytes, i, more)) {
        return false;
      }
      i += more + 1;
    }
    return true;
  }

  /** The text with control characters replaced, for use in messages. */
  public static String printable(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      printable.append(c < 0x20 || c == 0x7f ? '?' : c);
    }
    return printable.toString();
  }

  private static int following(int lead) {
    if (lead >= 0xc2 && lead <= 0xdf) {
      return 1;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
      return 2;
    }
    return lead >= 0xf0 && lead <= 0xf4 ? 3 : -1;
  }

  private static boolean tail(Bytes bytes, int at, int more) {
    int lead = bytes.at(at) & 0xff;
    int second = bytes.at(at + 1) & 0xff;
    int least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    int most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) {
      return false;
    }
    for (int i = 2; i <= more; i++) {
      if ((bytes.at(at + i) & 0xc0) != 0x80) {
        return false;
      }
    }
    return true;
  }
}
