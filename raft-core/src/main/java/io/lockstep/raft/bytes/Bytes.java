package io.lockstep.raft.bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An immutable byte string, ordered as unsigned bytes. */
public final class Bytes implements Comparable<Bytes> {
  /** No bytes. */
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] array;
  private int hash;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** Takes {@code array} over: the caller must not touch it again. */
  public static Bytes wrap(byte[] array) {
    return array.length == 0 ? EMPTY : new Bytes(array);
  }

  public static Bytes copyOf(byte[] array, int from, int toExclusive) {
    return wrap(Arrays.copyOfRange(array, from, toExclusive));
  }

  public static Bytes utf8(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  public int length() {
    return array.length;
  }

  public boolean isEmpty() {
    return array.length == 0;
  }

  public byte at(int position) {
    return array[position];
  }

  /** A copy that the caller may change. */
  public byte[] toArray() {
    return array.clone();
  }

  /** Copies all bytes into {@code target} from {@code position} on. */
  public void copyTo(byte[] target, int position) {
    System.arraycopy(array, 0, target, position, array.length);
  }

  /** A read-only view without copy. */
  public ByteBuffer asBuffer() {
    return ByteBuffer.wrap(array).asReadOnlyBuffer();
  }

  /** The text, with replacement characters where the bytes are not UTF-8. */
  public String utf8() {
    return new String(array, StandardCharsets.UTF_8);
  }

  public boolean startsWith(Bytes prefix) {
    return array.length >= prefix.array.length
        && Arrays.equals(array, 0, prefix.array.length, prefix.array, 0, prefix.array.length);
  }

  /** The bytes themselves, for readers in this package that change nothing. */
  byte[] shared() {
    return array;
  }

  public Bytes slice(int from, int toExclusive) {
    return from == 0 && toExclusive == array.length ? this : copyOf(array, from, toExclusive);
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(array, other.array);
  }

  @Override
  public boolean equals(Object other) {
    return this == other || other instanceof Bytes b && Arrays.equals(array, b.array);
  }

  @Override
  public int hashCode() {
    if (hash == 0) {
      hash = Arrays.hashCode(array);
    }
    return hash;
  }

  /** The text where it is printable ASCII, with other bytes as {@code \xNN}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(array.length);
    for (byte b : array) {
      if (b >= 0x20 && b < 0x7f) {
        text.append((char) b);
      } else {
        text.append("\\x")
            .append(Character.forDigit(b >> 4 & 0xf, 16))
            .append(Character.forDigit(b & 0xf, 16));
      }
    }
    return text.toString();
  }
}
