package io.lockstep.raft.statemachine;

import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;

/**
 * Reads the items that an {@link ItemWriter} wrote. Trusts nothing: memory is taken only for bytes
 * that have come, however long an item says it is. Owned by one thread.
 */
public final class ItemReader {
  private static final int LENGTH_BYTES = 4;

  private final ChunkSource source;
  private byte[] window = new byte[2 * ItemWriter.CHUNK_BYTES_AIM];
  private int from;
  private int to;

  public ItemReader(ChunkSource source) {
    this.source = source;
  }

  /**
   * The next item; its reader is valid until the next call.
   *
   * @throws UnreadableSnapshotException when there is none, or it is cut short
   */
  public ByteReader next() throws IOException {
    fill(LENGTH_BYTES);
    int length = new ByteReader(window, from, to).i32();
    if (length < 0 || length > ItemWriter.ITEM_BYTES_MAX) {
      throw UnreadableSnapshotException.damaged("an item of " + length + " bytes");
    }
    fill(LENGTH_BYTES + length);
    int start = from + LENGTH_BYTES;
    from = start + length;
    return new ByteReader(window, start, from);
  }

  /** Demands that all was read, and that the source has come to a good end. */
  public void end() throws IOException {
    if (from != to || source.next() != null) {
      throw UnreadableSnapshotException.damaged("there is more after the end of the state");
    }
  }

  private void fill(int length) throws IOException {
    while (to - from < length) {
      Bytes chunk = source.next();
      if (chunk == null) {
        throw UnreadableSnapshotException.damaged("the state is cut short");
      }
      if (chunk.isEmpty() || chunk.length() > ChunkSink.CHUNK_BYTES_MAX) {
        throw UnreadableSnapshotException.damaged("a chunk of " + chunk.length() + " bytes");
      }
      makeRoom(chunk.length());
      chunk.copyTo(window, to);
      to += chunk.length();
    }
  }

  private void makeRoom(int more) {
    if (window.length - to >= more) {
      return;
    }
    int kept = to - from;
    if (window.length - kept >= more) {
      System.arraycopy(window, from, window, 0, kept);
    } else {
      byte[] larger = new byte[2 * (kept + more)];
      System.arraycopy(window, from, larger, 0, kept);
      window = larger;
    }
    from = 0;
    to = kept;
  }
}
