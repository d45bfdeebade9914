package io.lockstep.raft.journal.file;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ChunkSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Makes the bytes of a snapshot's file, for a file or for whoever else stores them; whoever reads
 * them can tell whether all came. Owned by one thread.
 */
public final class SnapshotEncoder implements ChunkSink {
  private final Output output;
  private final MessageDigest digest = SnapshotFormat.digest();
  private final ByteBuffer buffer =
      ByteBuffer.allocate(SnapshotFormat.CHUNK_HEAD_BYTES + CHUNK_BYTES_MAX);
  private int chunks;
  private long bytes;

  /** Where the bytes go, in order. */
  public interface Output {
    /** Takes all of {@code part}, which is used anew when this returns. */
    void write(ByteBuffer part) throws IOException;
  }

  /** Begins with what the snapshot stands for. */
  public SnapshotEncoder(SnapshotMeta meta, Output output) throws IOException {
    this.output = output;
    write(ByteBuffer.wrap(SnapshotFormat.header(meta)));
  }

  @Override
  public void put(Bytes chunk) throws IOException {
    int length = chunk.length();
    Invariant.check(length > 0 && length <= CHUNK_BYTES_MAX, "a chunk has a bounded length");
    chunk.copyTo(buffer.array(), SnapshotFormat.CHUNK_HEAD_BYTES);
    buffer.clear();
    buffer.putInt(length);
    buffer.putInt(
        SnapshotFormat.chunkCrc(chunks, buffer.array(), SnapshotFormat.CHUNK_HEAD_BYTES, length));
    write(buffer.position(0).limit(SnapshotFormat.CHUNK_HEAD_BYTES + length));
    chunks++;
    bytes += length;
  }

  /** Ends it: without this it is found to be cut short. */
  public void finish() throws IOException {
    output.write(ByteBuffer.wrap(SnapshotFormat.trailer(chunks, bytes, digest.digest())));
  }

  private void write(ByteBuffer part) throws IOException {
    digest.update(part.duplicate());
    output.write(part);
  }
}
