package io.lockstep.raft.journal.file;

import io.lockstep.raft.HardState;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.storage.HardStateStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Term and vote in a file of their own, replaced as a whole at each change. Made with the data
 * directory: one that is missing later is lost, never "term 0". Owned by the log thread.
 */
public final class HardStateFile implements HardStateStore {
  private final CheckedFile file;

  HardStateFile(CheckedFile file) {
    this.file = file;
  }

  @Override
  public HardState load() throws IOException {
    ByteReader reader = new ByteReader(file.read());
    try {
      long term = reader.i64();
      @Nullable NodeId votedFor = reader.bool() ? new NodeId(reader.text()) : null;
      reader.end();
      return new HardState(term, votedFor);
    } catch (ByteReader.Malformed | IllegalArgumentException e) {
      throw file.damaged(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void save(HardState hardState) throws IOException {
    NodeId votedFor = hardState.votedFor();
    ByteWriter writer = new ByteWriter(64).i64(hardState.term()).bool(votedFor != null);
    if (votedFor != null) {
      writer.text(votedFor.text());
    }
    file.write(writer.toBytes());
  }
}
