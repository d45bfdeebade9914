package io.lockstep.raft.journal.file;

import io.lockstep.raft.Checkpoint;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A file that is there once this node's state was found to differ from that of a majority of the
 * voters. Nothing takes it away: what is in the directory may be the wrong state. Owned by the log
 * thread.
 */
public final class DivergenceFile {
  private final CheckedFile file;

  DivergenceFile(CheckedFile file) {
    this.file = file;
  }

  /**
   * What was found.
   *
   * @param own what this node had
   * @param majoritys what a majority had at that index
   */
  public record Found(Checkpoint own, Checkpoint majoritys) {}

  /** What was found; null when nothing ever was. */
  public @Nullable Found load() throws IOException {
    if (!file.exists()) {
      return null;
    }
    ByteReader reader = new ByteReader(file.read());
    try {
      long index = reader.varint();
      int format = reader.u8();
      Checkpoint own = new Checkpoint(index, format, reader.i64());
      Checkpoint majoritys = new Checkpoint(index, format, reader.i64());
      reader.end();
      return new Found(own, majoritys);
    } catch (ByteReader.Malformed e) {
      throw file.damaged(String.valueOf(e.getMessage()));
    }
  }

  /** Returns when what was found survives a power cut. */
  public void save(Found found) throws IOException {
    Checkpoint own = found.own();
    file.write(
        new ByteWriter(64)
            .varint(own.index())
            .u8(own.format())
            .i64(own.hash())
            .i64(found.majoritys().hash())
            .toBytes());
  }
}
