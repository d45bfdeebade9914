package io.lockstep.raft.peer;

import io.lockstep.raft.bytes.ByteWriter;

/**
 * Frames one direction of one connection, in the order of the calls. Owned by the connection's
 * event loop.
 */
final class FrameWriter {
  private final FrameChecksum checksum = new FrameChecksum();
  private long session;
  private long number;

  /** From the next frame on, frames belong to {@code session}. */
  void enter(long session) {
    this.session = session;
  }

  /** Opens a frame; the payload is written next. Returns what {@link #end} asks for. */
  int begin(FrameKind kind, ByteWriter target) {
    int start = target.size();
    target.i32(0).i32(0).u8(kind.code());
    return start;
  }

  /** Closes the frame that {@link #begin} opened at {@code start}. */
  void end(int start, ByteWriter target) {
    int length = target.size() - start - FrameReader.HEADER_BYTES;
    target.patchI32(start, length);
    target.patchI32(start + 4, checksum.of(session, number++, target.array(), start, length));
  }
}
