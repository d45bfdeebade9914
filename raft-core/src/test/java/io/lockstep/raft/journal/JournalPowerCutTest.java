package io.lockstep.raft.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
    int cuts = run(1, SEEDS);
    assertTrue(cuts > 2000, "power cuts: " + cuts);
  }

  /** A long run. Arguments: the first seed, how many. */
  public static void main(String[] args) {
    System.out.println("power cuts: " + run(Long.parseLong(args[0]), Long.parseLong(args[1])));
  }

  private static int run(long firstSeed, long seeds) {
    int cuts = 0;
    for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
      Run run = new Run(seed);
      try {
        for (int life = 0; life < LIVES; life++) {
          run.live();
        }
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
      cuts += run.powerCuts;
    }
    return cuts;
  }

  private static final class Run {
    private final Random random;
    private final MemoryDisk disk;

    /** What the log may be now: as last forced, and after each entry appended since. */
    private final List<List<Entry>> possible = new ArrayList<>();

    private long term = 1;
    private boolean everForced;
    private int powerCuts;

    Run(long seed) {
      random = new Random(seed);
      disk = new MemoryDisk(random);
      possible.add(List.of());
    }

    private List<Entry> now() {
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
      List<Entry> found = JournalFixture.all(journal);
      assertTrue(possible.contains(found), () -> "found " + found.size() + " of " + sizes());
      possible.clear();
      possible.add(found);
      everForced = true;
      return journal;
    }

    private String sizes() {
      return possible.stream().map(List::size).toList().toString();
    }

    private void step(SegmentedJournal journal) throws IOException {
      switch (random.nextInt(6)) {
        case 0, 1 -> append(journal, 1 + random.nextInt(5));
        case 2 -> supersede(journal);
        case 3 -> append(journal, 20);
        case 4 -> {
          journal.force();
          forced();
        }
        default -> journal.idle();
      }
    }

    /** All that was appended is durable: nothing less is possible any more. */
    private void forced() {
      List<Entry> all = now();
      possible.clear();
      possible.add(all);
    }

    private void append(SegmentedJournal journal, int count) throws IOException {
      append(journal, now(), count);
    }

    private void supersede(SegmentedJournal journal) throws IOException {
      int size = now().size();
      if (size > 0) {
        int kept = size - 1 - random.nextInt(Math.min(size, 10));
        term++;
        journal.truncateFrom(kept + 1);
        append(journal, now().subList(0, kept), 1 + random.nextInt(3));
      }
    }

    private void append(SegmentedJournal journal, List<Entry> before, int count)
        throws IOException {
      List<Entry> added = new ArrayList<>();
      List<Entry> all = new ArrayList<>(before);
      for (int i = 0; i < count; i++) {
        Entry entry = JournalFixture.entry(all.size() + 1, term, random.nextInt(1500));
        all.add(entry);
        added.add(entry);
        possible.add(List.copyOf(all));
      }
      assertEquals(count, journal.append(added));
    }

    private void die() {
      if (random.nextBoolean()) {
        disk.cutPower();
        powerCuts++;
      } else {
        disk.kill();
      }
      term++;
    }
  }
}
