package io.lockstep.raft.statemachine;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;

/**
 * Writes a state as a sequence of items, each a few bytes to some megabytes, into chunks of about
 * {@link #CHUNK_BYTES_AIM}. An item is its length in four bytes and then its bytes; it may go on in
 * the next chunk. Where chunks end depends on the items alone. Owned by one thread.
 */
public final class ItemWriter {
  /** A chunk ends with the item that makes it so long. */
  public static final int CHUNK_BYTES_AIM = 128 << 10;

  /** No item is longer. */
  public static final int ITEM_BYTES_MAX = 256 << 20;

  private static final int LENGTH_BYTES = 4;

  private final ChunkSink sink;
  private ByteWriter buffer = new ByteWriter(CHUNK_BYTES_AIM + (8 << 10));
  private int start = -1;

  public ItemWriter(ChunkSink sink) {
    this.sink = sink;
  }

  /** Begins an item: what is written until {@link #end}. */
  public ByteWriter begin() {
    Invariant.check(start < 0, "one item is written at a time");
    start = buffer.size();
    return buffer.i32(0);
  }

  /** Ends the item that was begun. */
  public void end() throws IOException {
    int length = buffer.size() - start - LENGTH_BYTES;
    Invariant.check(start >= 0 && length <= ITEM_BYTES_MAX, "an item has a bounded length");
    buffer.patchI32(start, length);
    start = -1;
    if (buffer.size() >= CHUNK_BYTES_AIM) {
      flush();
    }
  }

  /** Gives what was written to the sink; to be called once more after the last item. */
  public void flush() throws IOException {
    Invariant.check(start < 0, "an item that was begun is ended");
    int size = buffer.size();
    for (int from = 0; from < size; from += ChunkSink.CHUNK_BYTES_MAX) {
      int toExclusive = Math.min(size, from + ChunkSink.CHUNK_BYTES_MAX);
      sink.put(Bytes.copyOf(buffer.array(), from, toExclusive));
    }
    if (size > 2 * ChunkSink.CHUNK_BYTES_MAX) {
      buffer = new ByteWriter(CHUNK_BYTES_AIM + (8 << 10));
    }
    buffer.clear();
  }
}
