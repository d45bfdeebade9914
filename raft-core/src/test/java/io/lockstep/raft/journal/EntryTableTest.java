package io.lockstep.raft.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.EntryId;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EntryTableTest {
  private record Location(long term, long segment, int position) {}

  /** A table and a map that go through the same changes. */
  private static final class Pair {
    final Random random;
    final EntryTable table = new EntryTable();
    final NavigableMap<Long, Location> expected = new TreeMap<>();
    EntryId base = EntryId.NONE;
    long term = 1;
    long segment = 1;

    Pair(long seed) {
      random = new Random(seed);
    }

    EntryId last() {
      return expected.isEmpty()
          ? base
          : new EntryId(expected.lastEntry().getValue().term(), expected.lastKey());
    }

    /** An index of the table, or the next one. */
    long some() {
      return base.index() + 1 + random.nextLong(last().index() - base.index() + 1);
    }

    void change() {
      switch (random.nextInt(8)) {
        case 0 -> {
          long from = some();
          table.truncateFrom(from);
          expected.tailMap(from, true).clear();
        }
        case 1 -> drop(some());
        case 2 -> {
          if (random.nextInt(4) == 0) {
            base = new EntryId(++term, random.nextInt(20_000));
            table.restart(base);
            expected.clear();
          }
        }
        default -> append(random.nextInt(2_000));
      }
    }

    private void drop(long before) {
      table.dropBefore(before);
      if (before > base.index() + 1) {
        base = new EntryId(expected.get(before - 1).term(), before - 1);
      }
      expected.headMap(before).clear();
    }

    private void append(int count) {
      term += random.nextInt(3) == 0 ? 1 : 0;
      segment += random.nextInt(3) == 0 ? 1 : 0;
      long next = last().index() + 1;
      for (int i = 0; i < count; i++) {
        table.append(term, segment, i);
        expected.put(next + i, new Location(term, segment, i));
      }
    }

    void check() {
      assertEquals(last(), table.last());
      assertEquals(base.index() + 1, table.first());
      assertEquals(expected.isEmpty(), table.isEmpty());
      assertEquals(base.term(), table.term(base.index()));
      expected.forEach(
          (index, location) ->
              assertEquals(
                  location,
                  new Location(table.term(index), table.segment(index), table.position(index))));
      for (long sought = segment - 3; sought <= segment + 1; sought++) {
        assertEquals(firstIn(sought), table.firstIn(sought));
      }
    }

    private long firstIn(long sought) {
      return expected.entrySet().stream()
          .filter(entry -> entry.getValue().segment() >= sought)
          .mapToLong(entry -> entry.getKey())
          .findFirst()
          .orElse(last().index() + 1);
    }
  }

  @Test
  void randomChangesAgreeWithAMap() {
    for (long seed = 1; seed <= 50; seed++) {
      Pair pair = new Pair(seed);
      try {
        for (int step = 0; step < 60; step++) {
          pair.change();
          pair.check();
        }
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  @Test
  void whatWasDroppedTakesNoMemory() {
    EntryTable table = new EntryTable();
    for (long index = 1; index <= 1_000_000; index++) {
      table.append(index / 100 + 1, 1 + index / 1000, 0);
      if (index % 1000 == 0 && index >= 10_000) {
        table.dropBefore(index - 5_000);
      }
    }
    assertTrue(table.bytes() < 200_000, "bytes: " + table.bytes());
    assertEquals(994_999 / 100 + 1, table.term(994_999));
  }
}
