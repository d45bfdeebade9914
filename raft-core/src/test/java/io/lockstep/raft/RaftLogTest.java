package io.lockstep.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The log in memory against a plain list, over random appends, truncations, flushes and commits.
 */
class RaftLogTest {
  private static final int TAIL_BYTES_MAX = 600;

  private final List<Entry> model = new ArrayList<>();

  private static Entry entry(long index, long term, int bytes) {
    return new Entry(index, term, index, EntryKind.COMMAND, Bytes.wrap(new byte[bytes]));
  }

  @Test
  void agreesWithAPlainList() {
    for (long seed = 1; seed <= 200; seed++) {
      try {
        model.clear();
        agreesWithAPlainList(new Random(seed));
      } catch (AssertionError failure) {
        throw new AssertionError("seed " + seed, failure);
      }
    }
  }

  private void agreesWithAPlainList(Random random) {
    RaftLog log = new RaftLog(RecoveredLog.EMPTY, TAIL_BYTES_MAX);
    long term = 1;
    for (int i = 0; i < 300; i++) {
      int kind = random.nextInt(10);
      if (kind < 5) {
        append(log, random, term);
      } else if (kind == 5 && log.lastIndex() > log.committed()) {
        term++;
        long from = log.committed() + 1 + random.nextInt((int) (log.lastIndex() - log.committed()));
        log.truncateFrom(from, term);
        model.subList((int) from - 1, model.size()).clear();
        append(log, random, term);
      } else if (kind < 8) {
        log.flushed(term, log.last());
      } else {
        log.commitTo(
            log.committed() + random.nextInt((int) (log.lastIndex() - log.committed()) + 1));
      }
      compare(log, random);
    }
  }

  private void append(RaftLog log, Random random, long term) {
    List<Entry> fresh = new ArrayList<>();
    for (int n = random.nextInt(4); n >= 0; n--) {
      fresh.add(entry(model.size() + 1L, term, random.nextInt(100)));
      model.add(fresh.getLast());
    }
    log.append(fresh);
  }

  private void compare(RaftLog log, Random random) {
    assertEquals(model.size(), log.lastIndex());
    assertEquals(model.isEmpty() ? EntryId.NONE : model.getLast().id(), log.last());
    long index = 1L + random.nextInt(Math.max(1, model.size()));
    if (index <= model.size()) {
      assertEquals(model.get((int) index - 1).term(), log.term(index));
      assertTrue(log.holds(model.get((int) index - 1).id()));
    }
    long before = random.nextInt(model.size() + 3);
    long atMost = random.nextInt(30);
    assertEquals(lastAtOrBefore(before, atMost), log.lastAtOrBefore(before, atMost));
    compareTail(log, random);
  }

  private void compareTail(RaftLog log, Random random) {
    long kept = Math.min(log.flushed(), log.committed()) + 1;
    assertTrue(log.tailFirst() <= Math.max(1, kept), "what may be needed is kept");
    long bytes = 0;
    for (long i = log.tailFirst(); i <= log.lastIndex(); i++) {
      bytes += model.get((int) i - 1).weightBytes();
    }
    assertTrue(
        bytes <= TAIL_BYTES_MAX || log.tailFirst() >= Math.min(kept, log.lastIndex()),
        "no more is kept than must be");
    if (log.tailFirst() <= log.lastIndex()) {
      long from = log.tailFirst() + random.nextInt((int) (log.lastIndex() - log.tailFirst() + 1));
      long bytesMax = random.nextInt(400);
      List<Entry> slice = log.slice(from, log.lastIndex() + 1, bytesMax);
      assertEquals(model.subList((int) from - 1, (int) from - 1 + slice.size()), slice);
      long weight = slice.stream().mapToLong(Entry::weightBytes).sum();
      assertTrue(slice.size() == 1 || weight <= bytesMax);
    }
  }

  private EntryId lastAtOrBefore(long index, long term) {
    return LongStream.rangeClosed(1, Math.min(index, model.size()))
        .mapToObj(i -> model.get((int) i - 1).id())
        .filter(id -> id.term() <= term)
        .reduce((first, second) -> second)
        .orElse(EntryId.NONE);
  }

  /** A recovered log knows the terms of entries that are not in memory. */
  @Test
  void aRecoveredLogKnowsAllTerms() {
    Random random = new Random(7);
    for (int run = 0; run < 100; run++) {
      List<Entry> entries = new ArrayList<>();
      long term = 1;
      for (int i = 1; i <= 1 + random.nextInt(60); i++) {
        term += random.nextInt(5) == 0 ? 1 + random.nextInt(2) : 0;
        entries.add(entry(i, term, 1));
      }
      int tail = 1 + random.nextInt(entries.size());
      RecoveredLog recovered =
          RecoveredLog.of(
              1,
              entries.getLast().id(),
              entries.subList(entries.size() - tail, entries.size()),
              index -> entries.get((int) index - 1).term(),
              List.of());
      RaftLog log = new RaftLog(recovered, TAIL_BYTES_MAX);
      for (Entry entry : entries) {
        assertEquals(entry.term(), log.term(entry.index()));
      }
      assertEquals(entries.size(), log.flushed());
      assertEquals(0, log.committed());
    }
  }

  @Test
  void aShortTailNeedsItsTermsTold() {
    List<Entry> tail = List.of(entry(5, 2, 1));
    assertThrows(Invariant.Broken.class, () -> new RecoveredLog(1, new EntryId(2, 5), tail));
    assertThrows(Invariant.Broken.class, () -> new RecoveredLog(1, new EntryId(2, 6), tail));
  }

  @Test
  void refusesWhatNoLogMayBe() {
    RaftLog log = new RaftLog(RecoveredLog.EMPTY, TAIL_BYTES_MAX);
    log.append(List.of(entry(1, 2, 1)));
    assertThrows(Invariant.Broken.class, () -> log.append(List.of(entry(3, 2, 1))), "a hole");
    assertThrows(Invariant.Broken.class, () -> log.append(List.of(entry(2, 1, 1))), "older term");
    assertThrows(
        Invariant.Broken.class,
        () -> log.append(List.of(new Entry(2, 2, 0, EntryKind.EMPTY, Bytes.EMPTY))),
        "time goes back");
    assertThrows(Invariant.Broken.class, () -> log.commitTo(2), "beyond the log");
    assertThrows(Invariant.Broken.class, () -> log.appliedTo(1), "not committed");
  }
}
