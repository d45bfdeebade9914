package io.lockstep.ops.restore;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.ops.ExitCode;
import io.lockstep.ops.StartRefused;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.LocalSnapshotDirectory;
import io.lockstep.raft.journal.file.SnapshotFiles;
import io.lockstep.raft.statemachine.UnreadableSnapshotException;
import io.lockstep.raft.storage.SnapshotSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Backups, each read to its end and found whole. */
public final class Backup {
  private Backup() {}

  /** Reads all of a file, and refuses one that is not whole or not known, by name. */
  public static Origin read(Path file) throws StartRefused {
    Path parent = file.toAbsolutePath().getParent();
    if (!Files.isRegularFile(file) || parent == null) {
      throw new StartRefused(ExitCode.USAGE, "there is no file " + file);
    }
    LocalSnapshotDirectory directory = new LocalSnapshotDirectory(parent, Disk.LOCAL);
    String name = file.toAbsolutePath().getFileName().toString();
    try (SnapshotSource source = SnapshotFiles.read(directory, name)) {
      State state = KvSnapshot.read(source);
      if (source.next() != null) {
        throw UnreadableSnapshotException.damaged(file + " holds more than a state");
      }
      SnapshotMeta meta = source.meta();
      if (meta.last().index() != state.appliedIndex()) {
        throw UnreadableSnapshotException.damaged(
            file + " stands for entry " + meta.last().index() + " and holds another state");
      }
      return new Origin(state, meta.last().term(), state.revision());
    } catch (IOException unreadable) {
      throw new StartRefused(
          ExitCode.DATA_REFUSED,
          "no backup to restore from: " + unreadable.getMessage(),
          unreadable);
    }
  }
}
