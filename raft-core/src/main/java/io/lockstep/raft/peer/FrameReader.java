package io.lockstep.raft.peer;

import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts one direction of one connection into frames. Memory grows with what has arrived, never with
 * what a length promises. Owned by the connection's event loop.
 */
final class FrameReader {
  /** Length and checksum. */
  static final int HEADER_BYTES = 8;

  private static final int CAPACITY_MIN = 4 << 10;
  private static final int CAPACITY_KEPT = 1 << 20;

  private final FrameChecksum checksum = new FrameChecksum();
  private byte[] array = new byte[CAPACITY_MIN];
  private int from;
  private int to;
  private int lengthMax;
  private long session;
  private long number;

  /**
   * One frame.
   *
   * @param payload valid until the next {@link #feed}
   */
  record Frame(FrameKind kind, ByteReader payload) {}

  /** The stream is not what it should be, and stays so: nothing after it can be read. */
  static final class BadFrame extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    BadFrame(Refusal refusal, String message) {
      super(message, null, false, false);
      this.refusal = refusal;
    }

    Refusal refusal() {
      return refusal;
    }
  }

  FrameReader(int lengthMax) {
    this.lengthMax = lengthMax;
  }

  /**
   * From the next frame on, frames belong to {@code session} and may be up to {@code lengthMax}
   * long.
   */
  void enter(long session, int lengthMax) {
    this.session = session;
    this.lengthMax = lengthMax;
  }

  /** Takes what arrived. All frames that were complete before must have been read. */
  void feed(Buffer chunk) {
    int length = chunk.length();
    if (from == to) {
      from = 0;
      to = 0;
      if (array.length > CAPACITY_KEPT) {
        array = new byte[CAPACITY_MIN];
      }
    }
    if (array.length - to < length) {
      makeRoom(length);
    }
    chunk.getBytes(0, length, array, to);
    to += length;
  }

  /** The next complete frame; null until more arrives. */
  @Nullable Frame next() throws BadFrame {
    int available = to - from;
    if (available < 4) {
      return null;
    }
    int length = new ByteReader(array, from, to).i32();
    if (length < 1 || length > lengthMax) {
      throw new BadFrame(
          Refusal.OVERSIZED,
          "a frame of " + Integer.toUnsignedString(length) + " bytes; allowed are " + lengthMax);
    }
    if (available < HEADER_BYTES + length) {
      return null;
    }
    if (new ByteReader(array, from + 4, to).i32()
        != checksum.of(session, number, array, from, length)) {
      throw new BadFrame(Refusal.BAD_CHECKSUM, "frame " + number + " has a wrong checksum");
    }
    int start = from + HEADER_BYTES;
    from = start + length;
    number++;
    try {
      return new Frame(
          FrameKind.ofCode(array[start] & 0xff), new ByteReader(array, start + 1, from));
    } catch (Malformed e) {
      throw malformed(e);
    }
  }

  /** Whether the stream stands in the middle of a frame. */
  boolean inFrame() {
    return from != to;
  }

  static BadFrame malformed(Malformed cause) {
    return new BadFrame(Refusal.MALFORMED, String.valueOf(cause.getMessage()));
  }

  private void makeRoom(int length) {
    int waiting = to - from;
    int needed = Math.addExact(waiting, length);
    byte[] target = needed <= array.length ? array : new byte[Math.max(needed, array.length * 2)];
    System.arraycopy(array, from, target, 0, waiting);
    array = target;
    from = 0;
    to = waiting;
  }
}
