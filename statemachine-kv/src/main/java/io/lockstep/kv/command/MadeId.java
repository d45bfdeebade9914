package io.lockstep.kv.command;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The text of ids that the service makes: sixteen hexadecimal digits of the nonce, then the log
 * index in hexadecimal without leading zeros. Opaque to clients.
 */
final class MadeId {
  private static final int NONCE_DIGITS = 16;
  private static final int INDEX_DIGITS_MAX = 15;
  private static final HexFormat HEX = HexFormat.of();

  private MadeId() {}

  record Parts(long index, long nonce) {}

  static String print(long index, long nonce) {
    return HEX.toHexDigits(nonce) + Long.toHexString(index);
  }

  /** Null for a text that {@link #print} does not make. */
  static @Nullable Parts parse(String text) {
    int indexDigits = text.length() - NONCE_DIGITS;
    if (indexDigits < 1 || indexDigits > INDEX_DIGITS_MAX || !isLowerHex(text)) {
      return null;
    }
    if (text.charAt(NONCE_DIGITS) == '0') {
      return null;
    }
    long nonce = HexFormat.fromHexDigitsToLong(text, 0, NONCE_DIGITS);
    return new Parts(HexFormat.fromHexDigitsToLong(text, NONCE_DIGITS, text.length()), nonce);
  }

  static int compare(long index, long nonce, long otherIndex, long otherNonce) {
    int byIndex = Long.compare(index, otherIndex);
    return byIndex != 0 ? byIndex : Long.compare(nonce, otherNonce);
  }

  private static boolean isLowerHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }
}
