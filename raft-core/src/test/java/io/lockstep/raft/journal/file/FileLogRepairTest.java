package io.lockstep.raft.journal.file;

import io.lockstep.raft.journal.DirectoryDisk;
import io.lockstep.raft.journal.JournalDisk;
import io.lockstep.raft.journal.LogRepairContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FileLogRepairTest extends LogRepairContract {
  @TempDir private Path directory;

  @Override
  protected JournalDisk newDisk() throws IOException {
    Path root = Files.createTempDirectory(directory, "log");
    return new DirectoryDisk(root, DirectoryDisk.Kind.FILE, FailingDisk.withoutForces());
  }
}
