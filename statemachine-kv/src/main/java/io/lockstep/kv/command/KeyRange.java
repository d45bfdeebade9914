package io.lockstep.kv.command;

import io.lockstep.raft.bytes.Bytes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Keys that lie side by side.
 *
 * @param from the first key that belongs to it
 * @param end the first key after it; null for all from {@code from} on. One that is not greater
 *     than {@code from} leaves the range without keys
 */
public record KeyRange(Bytes from, @Nullable Bytes end) {
  /** One key. */
  public static KeyRange of(Bytes key) {
    return new KeyRange(key, Bytes.wrap(Arrays.copyOf(key.toArray(), key.length() + 1)));
  }

  /** All keys that start with {@code prefix}. */
  public static KeyRange prefix(Bytes prefix) {
    byte[] end = prefix.toArray();
    int length = end.length;
    while (length > 0 && end[length - 1] == (byte) 0xff) {
      length--;
    }
    if (length == 0) {
      return new KeyRange(prefix, null);
    }
    end[length - 1]++;
    return new KeyRange(prefix, Bytes.copyOf(end, 0, length));
  }

  public boolean contains(Bytes key) {
    return from.compareTo(key) <= 0 && isBeforeEnd(key);
  }

  /** Whether {@code key} is not behind this range. */
  public boolean isBeforeEnd(Bytes key) {
    return end == null || key.compareTo(end) < 0;
  }
}
