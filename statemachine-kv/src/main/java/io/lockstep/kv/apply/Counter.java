package io.lockstep.kv.apply;

import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A counter's value: a decimal number of 64 bits with sign, in its one shortest form. Anything else
 * is no number, so that no two texts count as one.
 */
final class Counter {
  /** Of a counter that an addition made. */
  static final String CONTENT_TYPE = "text/plain; charset=utf-8";

  private static final int BYTES_MAX = 20;

  private Counter() {}

  /** The number, null when {@code value} is none. */
  static @Nullable Long parse(Bytes value) {
    if (value.isEmpty() || value.length() > BYTES_MAX) {
      return null;
    }
    try {
      long number = Long.parseLong(value.utf8());
      return print(number).equals(value) ? number : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  static Bytes print(long number) {
    return Bytes.utf8(Long.toString(number));
  }
}
