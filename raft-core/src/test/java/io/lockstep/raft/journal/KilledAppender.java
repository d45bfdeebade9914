package io.lockstep.raft.journal;

import io.lockstep.raft.Entry;
import io.lockstep.raft.HardState;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.journal.file.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A process that appends and forces until it is killed, and says on its standard output what it has
 * acknowledged: {@code term t}, {@code cut i} before it truncates from i on, {@code forced i}.
 */
final class KilledAppender {
  private KilledAppender() {}

  /** Arguments: data directory, store, seed. */
  public static void main(String[] args) throws IOException {
    Random random = new Random(Long.parseLong(args[2]));
    DataDirectory data = openData(Path.of(args[0]));
    long term = data.hardState().load().term() + 1;
    data.hardState().save(new HardState(term, null));
    System.out.println("term " + term);

    ExecutorService background = Executors.newSingleThreadExecutor();
    SegmentStore store =
        new DirectoryDisk(data.log(), DirectoryDisk.Kind.valueOf(args[1]), Disk.LOCAL).open();
    SegmentedJournal journal =
        SegmentedJournal.open(
            store, JournalFixture.options(term == 1), background, System::nanoTime);
    long last = journal.last().index();
    if (last > 10) {
      last -= random.nextInt(10);
      System.out.println("cut " + (last + 1));
      journal.truncateFrom(last + 1);
    }
    while (true) {
      List<Entry> batch = new ArrayList<>();
      for (int i = random.nextInt(20); i >= 0; i--) {
        batch.add(JournalFixture.entry(++last, term, random.nextInt(900)));
      }
      if (journal.append(batch) < batch.size()) {
        throw new IOException("no room");
      }
      journal.force();
      System.out.println("forced " + last);
      if (random.nextInt(3) == 0) {
        journal.idle();
      }
    }
  }

  static DataDirectory openData(Path path) throws IOException {
    return DataDirectory.open(
        path, new NodeId("n1"), () -> StorageId.draw(new Random(1)), Disk.LOCAL);
  }
}
