package io.lockstep.raft.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads a big-endian binary encoding. Never reads past its end: a short, overlong or negative
 * length is {@link Malformed}, found before anything is allocated for it. Not thread-safe.
 */
public final class ByteReader {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] array;
  private final int end;
  private int position;

  /** The bytes are not what the format allows. */
  public static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Malformed(String message) {
      super(message);
    }
  }

  public ByteReader(byte[] array, int from, int toExclusive) {
    this.array = array;
    this.position = from;
    this.end = toExclusive;
  }

  public ByteReader(Bytes bytes) {
    this(bytes.shared(), 0, bytes.length());
  }

  public int u8() {
    need(1);
    return array[position++] & 0xff;
  }

  public boolean bool() {
    int value = u8();
    if (value > 1) {
      throw new Malformed("a boolean is 0 or 1, not " + value);
    }
    return value == 1;
  }

  public int i32() {
    need(4);
    int value = (int) INT.get(array, position);
    position += 4;
    return value;
  }

  public long i64() {
    need(8);
    long value = (long) LONG.get(array, position);
    position += 8;
    return value;
  }

  public long varint() {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int next = u8();
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        if (next == 0 && shift > 0) {
          throw new Malformed("a varint has no empty last byte");
        }
        return value;
      }
    }
    throw new Malformed("a varint is at most nine bytes");
  }

  /**
   * A count of things of which each takes at least one byte: so never more than the bytes that
   * remain.
   */
  public int count() {
    long count = varint();
    if (count > remaining()) {
      throw new Malformed("count " + count + " with " + remaining() + " bytes left");
    }
    return (int) count;
  }

  public Bytes bytes() {
    int length = count();
    Bytes value = Bytes.copyOf(array, position, position + length);
    position += length;
    return value;
  }

  public String text() {
    int length = count();
    String value = new String(array, position, length, StandardCharsets.UTF_8);
    position += length;
    return value;
  }

  public int remaining() {
    return end - position;
  }

  /** Throws unless all was read. */
  public void end() {
    if (position != end) {
      throw new Malformed(remaining() + " bytes too many");
    }
  }

  private void need(int length) {
    if (end - position < length) {
      throw new Malformed("cut short: " + length + " bytes wanted, " + remaining() + " left");
    }
  }
}
