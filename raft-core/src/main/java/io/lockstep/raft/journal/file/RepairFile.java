package io.lockstep.raft.journal.file;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.storage.Repair;
import io.lockstep.raft.storage.RepairStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file that is there as long as the node is under repair. Owned by the log thread. */
public final class RepairFile implements RepairStore {
  private final CheckedFile file;

  RepairFile(CheckedFile file) {
    this.file = file;
  }

  @Override
  public @Nullable Repair load() throws IOException {
    if (!file.exists()) {
      return null;
    }
    ByteReader reader = new ByteReader(file.read());
    try {
      Repair repair = new Repair(new EntryId(reader.varint(), reader.varint()), reader.varint());
      reader.end();
      return repair;
    } catch (ByteReader.Malformed e) {
      throw file.damaged(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void begin(Repair repair) throws IOException {
    file.write(
        new ByteWriter(64)
            .varint(repair.kept().term())
            .varint(repair.kept().index())
            .varint(repair.seenUpTo())
            .toBytes());
  }

  @Override
  public void end() throws IOException {
    file.delete();
  }
}
