package io.lockstep.raft.journal;

import io.lockstep.raft.Entry;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.file.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Prints how many entries of 256 bytes a second both stores make durable, and how fast a start
 * reads them back. Argument: a directory on the disk in question.
 */
final class JournalSpeed {
  private static final long NANOS = 4_000_000_000L;

  private JournalSpeed() {}

  public static void main(String[] args) throws IOException {
    for (int round = 0; round < 2; round++) {
      for (int batch : new int[] {1, 16, 64, 256}) {
        for (DirectoryDisk.Kind kind : DirectoryDisk.Kind.values()) {
          Path root = Files.createTempDirectory(Path.of(args[0]), kind.name());
          measure(new DirectoryDisk(root, kind, Disk.LOCAL), batch, round > 0);
        }
      }
    }
  }

  private static void measure(DirectoryDisk disk, int batch, boolean print) throws IOException {
    try (ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
      JournalOptions options = JournalOptions.standard(Bytes.utf8("n1"), true);
      SegmentedJournal journal =
          SegmentedJournal.open(disk.open(), options, background, System::nanoTime);
      long[] latencies = new long[1 << 20];
      int forces = 0;
      long begin = System.nanoTime();
      long index = 0;
      while (System.nanoTime() - begin < NANOS / (print ? 1 : 4) && forces < latencies.length) {
        List<Entry> entries = new ArrayList<>(batch);
        for (int i = 0; i < batch; i++) {
          entries.add(JournalFixture.entry(++index, 1, 256));
        }
        long before = System.nanoTime();
        journal.append(entries);
        journal.force();
        journal.room();
        latencies[forces++] = System.nanoTime() - before;
      }
      long took = Arrays.stream(latencies).sum();
      journal.close();
      begin = System.nanoTime();
      SegmentedJournal.open(disk.open(), options, Runnable::run, System::nanoTime).close();
      long reopened = System.nanoTime() - begin;
      if (print) {
        Arrays.sort(latencies, 0, forces);
        System.out.printf(
            "%-9s batch %3d: %,9.0f entries/s, force p50 %d us, p99 %d us; %d entries reopened in"
                + " %d ms%n",
            disk.kind(),
            batch,
            index * 1e9 / took,
            latencies[forces / 2] / 1000,
            latencies[forces * 99 / 100] / 1000,
            index,
            reopened / 1_000_000);
      }
    }
    for (long segment : disk.open().list()) {
      disk.open().delete(segment);
    }
    Files.delete(disk.root());
  }
}
