package io.lockstep.raft.journal;

import static io.lockstep.raft.journal.JournalFixture.entries;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.journal.JournalFixture.Held;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.journal.file.FailingDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One bit is altered, anywhere in the files of a log: it is found, or it does not matter. */
class LogRotTest {
  /** A long run has more: {@code -Dlockstep.rot.offsets=20000}. */
  private static final int OFFSETS = Integer.getInteger("lockstep.rot.offsets", 200);

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void anyAlteredBitIsFoundOrHarmless(DirectoryDisk.Kind kind) throws IOException {
    try (DataDirectory data = KilledAppender.openData(directory.resolve(kind.name()))) {
      JournalFixture fixture =
          new JournalFixture(new DirectoryDisk(data.log(), kind, FailingDisk.withoutForces()));
      write(fixture);
      Held whole = fixture.held();
      List<Path> files = files(data.log());
      int found = 0;
      for (long seed = 1; seed <= OFFSETS; seed++) {
        Random random = new Random(seed);
        Path file = files.get(random.nextInt(files.size()));
        long offset = random.nextLong(Files.size(file));
        int bit = random.nextInt(8);
        flip(file, offset, bit);
        try {
          assertEquals(whole, fixture.held(), file + ", byte " + offset + ", bit " + bit);
        } catch (DamagedJournalException e) {
          found++;
        }
        flip(file, offset, bit);
      }
      assertTrue(found > OFFSETS / 10, "bits that mattered: " + found);
      assertEquals(whole, fixture.held());
    }
  }

  /** A log that was reset, compacted, superseded, restarted and killed. */
  private static void write(JournalFixture fixture) throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 20, 1, 500));
    journal.resetTo(new EntryId(2, 100));
    journal.append(entries(101, 300, 2, 700));
    journal.close();
    journal = fixture.open();
    journal.truncateFrom(290);
    journal.append(entries(290, 400, 3, 700));
    journal.force();
    journal.compactTo(200);
    fixture.kill(journal);
    journal = fixture.open();
    journal.append(entries(401, 420, 4, 300));
    journal.close();
  }

  private static List<Path> files(Path log) throws IOException {
    try (Stream<Path> walked = Files.walk(log)) {
      return walked.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void flip(Path file, long offset, int bit) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.put(0, (byte) (one.get(0) ^ 1 << bit)).flip();
      channel.write(one, offset);
    }
  }
}
