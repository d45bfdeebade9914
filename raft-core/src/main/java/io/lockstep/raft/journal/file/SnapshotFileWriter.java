package io.lockstep.raft.journal.file;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.file.SnapshotDirectory.NewFile;
import io.lockstep.raft.statemachine.ChunkSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Writes one snapshot's file. Forces it every {@link #FORCE_BYTES}, so that the last force has
 * little left to do and the log's forces do not wait behind it for long. Owned by one thread.
 */
final class SnapshotFileWriter implements ChunkSink, AutoCloseable {
  static final int FORCE_BYTES = 1 << 20;

  private final SnapshotDirectory directory;
  private final NewFile file;
  private final MessageDigest digest = SnapshotFormat.digest();
  private final ByteBuffer buffer =
      ByteBuffer.allocate(SnapshotFormat.CHUNK_HEAD_BYTES + CHUNK_BYTES_MAX);
  private int chunks;
  private long bytes;
  private long unforced;

  /** Begins a file, in place of one that has the name. */
  SnapshotFileWriter(SnapshotDirectory directory, String name, SnapshotMeta meta)
      throws IOException {
    this.directory = directory;
    directory.checkRoom(FORCE_BYTES);
    this.file = directory.create(name);
    try {
      write(ByteBuffer.wrap(SnapshotFormat.header(meta)));
    } catch (IOException e) {
      file.close();
      throw e;
    }
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
    if (unforced >= FORCE_BYTES) {
      file.force();
      unforced = 0;
      directory.checkRoom(FORCE_BYTES);
    }
  }

  /** Ends the file; returns when it survives a power cut, under the name that it has. */
  void finish() throws IOException {
    byte[] trailer = SnapshotFormat.trailer(chunks, bytes, digest.digest());
    file.write(ByteBuffer.wrap(trailer));
    file.force();
    file.close();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void write(ByteBuffer part) throws IOException {
    digest.update(part.duplicate());
    unforced += part.remaining();
    file.write(part);
  }
}
