package io.lockstep.http.request;

import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.raft.bytes.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Decodes parts of a raw request target, once: {@code %XX} is a byte, a plus is a plus, a character
 * above ASCII is the byte that came over the line. Nothing is normalized.
 */
final class PercentDecoding {
  private PercentDecoding() {}

  /** The bytes that {@code raw} from {@code from} to {@code end} stands for. */
  static Bytes bytes(String raw, int from, int end) {
    byte[] decoded = new byte[end - from];
    int size = 0;
    for (int i = from; i < end; i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        decoded[size++] = octet(raw, i, end);
        i += 2;
      } else {
        if (c <= 0x20 || c == 0x7f || c > 0xff || c == '#') {
          throw bad("holds a character that must be percent-encoded");
        }
        decoded[size++] = (byte) c;
      }
    }
    return Bytes.wrap(size == decoded.length ? decoded : Arrays.copyOf(decoded, size));
  }

  /** The text that {@code raw} from {@code from} to {@code end} stands for; must be UTF-8. */
  static String text(String raw, int from, int end) {
    return text(bytes(raw, from, end));
  }

  /** The bytes as text; they must be UTF-8. */
  static String text(Bytes bytes) {
    try {
      ByteBuffer buffer = bytes.asBuffer();
      return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
    } catch (CharacterCodingException e) {
      throw bad("holds text that is not UTF-8");
    }
  }

  private static byte octet(String raw, int at, int end) {
    int high = at + 2 < end ? Character.digit(raw.charAt(at + 1), 16) : -1;
    int low = at + 2 < end ? Character.digit(raw.charAt(at + 2), 16) : -1;
    if (high < 0 || low < 0 || raw.charAt(at + 1) > 'f' || raw.charAt(at + 2) > 'f') {
      throw bad("holds a percent sign without two hexadecimal digits");
    }
    return (byte) (high << 4 | low);
  }

  private static Rejected bad(String what) {
    return new Rejected(ProblemCode.BAD_TARGET, "the request target " + what);
  }
}
