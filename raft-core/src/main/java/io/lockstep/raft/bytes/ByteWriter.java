package io.lockstep.raft.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Grows a big-endian binary encoding. Not thread-safe. The counterpart of {@link ByteReader}. */
public final class ByteWriter {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] array;
  private int size;

  public ByteWriter(int capacity) {
    array = new byte[Math.max(16, capacity)];
  }

  public ByteWriter u8(int value) {
    reserve(1);
    array[size++] = (byte) value;
    return this;
  }

  public ByteWriter bool(boolean value) {
    return u8(value ? 1 : 0);
  }

  public ByteWriter i32(int value) {
    reserve(4);
    INT.set(array, size, value);
    size += 4;
    return this;
  }

  public ByteWriter i64(long value) {
    reserve(8);
    LONG.set(array, size, value);
    size += 8;
    return this;
  }

  /** An unsigned LEB128 number; {@code value} is not negative. */
  public ByteWriter varint(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("a varint is not negative: " + value);
    }
    long rest = value;
    while (rest >= 0x80) {
      u8((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    return u8((int) rest);
  }

  /** A length and that many bytes. */
  public ByteWriter bytes(Bytes value) {
    varint(value.length());
    reserve(value.length());
    value.copyTo(array, size);
    size += value.length();
    return this;
  }

  /** A length and that many bytes of UTF-8. */
  public ByteWriter text(String value) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    varint(encoded.length);
    return raw(encoded, 0, encoded.length);
  }

  /** Bytes without a length. */
  public ByteWriter raw(byte[] source, int from, int length) {
    reserve(length);
    System.arraycopy(source, from, array, size, length);
    size += length;
    return this;
  }

  /** Overwrites four bytes that were written before, as for a length that was not known yet. */
  public ByteWriter patchI32(int position, int value) {
    INT.set(array, position, value);
    return this;
  }

  public int size() {
    return size;
  }

  /** The backing array; valid up to {@link #size} and until the next write. */
  public byte[] array() {
    return array;
  }

  public byte[] toArray() {
    return Arrays.copyOf(array, size);
  }

  public Bytes toBytes() {
    return Bytes.wrap(toArray());
  }

  /** Starts again at the beginning and keeps the capacity. */
  public void clear() {
    size = 0;
  }

  private void reserve(int more) {
    if (array.length - size < more) {
      array = Arrays.copyOf(array, Math.max(array.length * 2, Math.addExact(size, more)));
    }
  }
}
