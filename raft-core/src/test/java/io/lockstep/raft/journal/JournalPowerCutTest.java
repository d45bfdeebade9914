package io.lockstep.raft.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.journal.JournalFixture.Held;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Processes that die at any operation, also of their start, by a kill, a failed force or a power
 * cut: the log is afterwards as it was at some moment since the last force that succeeded.
 */
class JournalPowerCutTest {
  private static final int SEEDS = 700;
  private static final int LIVES = 6;

  @Test
  void whatWasForcedIsThereAndTheRestIsAPrefix() {
    Counts counts = run(1, SEEDS);
    assertTrue(
        counts.powerCuts > 2000 && counts.drops > 500 && counts.resets > 500, counts::toString);
  }

  /** A long run. Arguments: the first seed, how many. */
  public static void main(String[] args) {
    System.out.println(run(Long.parseLong(args[0]), Long.parseLong(args[1])));
  }

  /** What has happened. */
  private static final class Counts {
    int powerCuts;
    int drops;
    int resets;

    @Override
    public String toString() {
      return "power cuts: "
          + powerCuts
          + ", compactions that dropped entries: "
          + drops
          + ", resets: "
          + resets;
    }
  }

  private static Counts run(long firstSeed, long seeds) {
    Counts counts = new Counts();
    for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
      Run run = new Run(seed, counts);
      try {
        for (int life = 0; life < LIVES; life++) {
          run.live();
        }
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    return counts;
  }

  private static final class Run {
    private final Random random;
    private final MemoryDisk disk;

    /** What the log may be now: as last forced, and after each entry appended since. */
    private final List<ExpectedLog> possible = new ArrayList<>();

    /** What is on the disk beside, while a truncation waits for the append that makes it count. */
    private @Nullable ExpectedLog untruncated;

    private long term = 1;
    private boolean everForced;
    private final Counts counts;

    Run(long seed, Counts counts) {
      this.counts = counts;
      random = new Random(seed);
      disk = new MemoryDisk(random);
      possible.add(ExpectedLog.NEW);
    }

    private ExpectedLog now() {
      return possible.getLast();
    }

    void live() throws IOException {
      disk.killAfter(random.nextInt(60));
      if (random.nextInt(3) == 0) {
        disk.failForceAfter(random.nextInt(10));
      }
      try {
        SegmentedJournal journal = open();
        for (int step = 0; step < 30; step++) {
          step(journal);
        }
        journal.close();
        forced();
      } catch (MemoryDisk.Killed e) {
        // As intended.
      } catch (DamagedJournalException e) {
        throw e;
      } catch (IOException e) {
        assertEquals("Input/output error", e.getMessage());
      }
      die();
    }

    private SegmentedJournal open() throws IOException {
      SegmentedJournal journal =
          SegmentedJournal.open(
              disk.open(), JournalFixture.options(!everForced), Runnable::run, () -> 0L);
      Held held = Held.by(journal);
      ExpectedLog found =
          possible.stream()
              .filter(log -> log.agreesWith(held))
              .findFirst()
              .orElseThrow(() -> new AssertionError(held + " is none of " + possible));
      possible.clear();
      possible.add(found);
      untruncated = null;
      everForced = true;
      return journal;
    }

    private void step(SegmentedJournal journal) throws IOException {
      switch (random.nextInt(9)) {
        case 0, 1 -> append(journal, 1 + random.nextInt(5));
        case 2 -> supersede(journal);
        case 3 -> append(journal, 20);
        case 4 -> {
          journal.force();
          forced();
        }
        case 5 -> compact(journal);
        case 6 -> reset(journal);
        case 7 -> truncate(journal);
        default -> journal.idle();
      }
    }

    /** All that was appended is durable: nothing less is possible any more. */
    private void forced() {
      ExpectedLog all = now();
      possible.clear();
      if (untruncated != null) {
        possible.add(untruncated);
      }
      possible.add(all);
    }

    private void compact(SegmentedJournal journal) throws IOException {
      ExpectedLog log = now();
      long firstKept = log.firstKept() + random.nextLong(log.next() - log.firstKept() + 1);
      possible.add(log.compactedTo(firstKept));
      long before = journal.firstIndex();
      journal.compactTo(firstKept);
      if (journal.firstIndex() > before) {
        counts.drops++;
        forced();
      }
    }

    private void reset(SegmentedJournal journal) throws IOException {
      if (random.nextInt(4) == 0) {
        EntryId last = new EntryId(++term, now().firstKept() + random.nextInt(30));
        possible.add(ExpectedLog.after(last));
        journal.resetTo(last);
        untruncated = null;
        forced();
        counts.resets++;
      }
    }

    private void truncate(SegmentedJournal journal) throws IOException {
      ExpectedLog log = now();
      long from = log.next() - random.nextLong(Math.min(10, log.next() - log.firstKept()) + 1);
      journal.truncateFrom(from);
      if (untruncated == null) {
        untruncated = log;
      }
      possible.add(log.truncatedFrom(from));
    }

    private void append(SegmentedJournal journal, int count) throws IOException {
      List<Entry> added = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Entry entry = JournalFixture.entry(now().next(), term, random.nextInt(1500));
        added.add(entry);
        possible.add(now().with(List.of(entry)));
      }
      assertEquals(count, journal.append(added));
      untruncated = null;
    }

    private void supersede(SegmentedJournal journal) throws IOException {
      term++;
      truncate(journal);
      append(journal, 1 + random.nextInt(3));
    }

    private void die() {
      if (random.nextBoolean()) {
        disk.cutPower();
        counts.powerCuts++;
      } else {
        disk.kill();
      }
      term++;
    }
  }
}
