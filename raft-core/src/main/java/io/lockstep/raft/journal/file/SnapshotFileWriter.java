package io.lockstep.raft.journal.file;

import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.file.SnapshotDirectory.NewFile;
import io.lockstep.raft.statemachine.ChunkSink;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes one snapshot's file. Forces it every {@link #FORCE_BYTES}, so that the last force has
 * little left to do and the log's forces do not wait behind it for long. Owned by one thread.
 */
final class SnapshotFileWriter implements ChunkSink, AutoCloseable {
  static final int FORCE_BYTES = 1 << 20;

  private final SnapshotDirectory directory;
  private final NewFile file;
  private final SnapshotEncoder encoder;
  private long unforced;

  /** Begins a file, in place of one that has the name. */
  SnapshotFileWriter(SnapshotDirectory directory, String name, SnapshotMeta meta)
      throws IOException {
    this.directory = directory;
    directory.checkRoom(FORCE_BYTES);
    this.file = directory.create(name);
    try {
      this.encoder = new SnapshotEncoder(meta, this::write);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public void put(Bytes chunk) throws IOException {
    encoder.put(chunk);
    if (unforced >= FORCE_BYTES) {
      file.force();
      unforced = 0;
      directory.checkRoom(FORCE_BYTES);
    }
  }

  /** Ends the file; returns when it survives a power cut, under the name that it has. */
  void finish() throws IOException {
    encoder.finish();
    file.force();
    file.close();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void write(ByteBuffer part) throws IOException {
    unforced += part.remaining();
    file.write(part);
  }
}
