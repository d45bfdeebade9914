package io.lockstep.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
  private EntryId start = EntryId.NONE;

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
    start = EntryId.NONE;
    for (int i = 0; i < 300; i++) {
      int kind = random.nextInt(12);
      long uncommitted = log.lastIndex() - log.committed();
      if (kind < 5) {
        append(log, random, term);
      } else if (kind == 5 && uncommitted > 0) {
        term++;
        long from = log.committed() + 1 + random.nextInt((int) uncommitted);
        log.truncateFrom(from, term);
        model.subList((int) (from - start.index() - 1), model.size()).clear();
        append(log, random, term);
      } else if (kind < 8) {
        log.flushed(term, log.last());
      } else if (kind < 10) {
        log.commitTo(log.committed() + random.nextInt((int) uncommitted + 1));
        log.appliedTo(log.committed());
      } else if (kind == 10) {
        compact(log, random);
      } else if (random.nextInt(5) == 0) {
        term++;
        restore(log, random, term);
      }
      compare(log, random);
    }
  }

  private void compact(RaftLog log, Random random) {
    long most = Math.min(log.applied(), log.flushed());
    if (most > start.index()) {
      log.snapshotStored(meta(at(log.applied()).id()));
      compactModel(start.index() + 1 + random.nextInt((int) (most - start.index())));
      log.compactTo(start.index() + 1);
    }
  }

  private void restore(RaftLog log, Random random, long term) {
    long index = log.committed() + 1 + random.nextInt(5);
    boolean keepsLog = index <= log.lastIndex() && random.nextBoolean();
    if (keepsLog) {
      log.restored(meta(at(index).id()), true);
      compactModel(index);
    } else {
      log.restored(meta(new EntryId(term, index)), false);
      model.clear();
      start = new EntryId(term, index);
      assertEquals(index, log.flushed());
    }
    assertEquals(index, log.committed());
    assertEquals(index, log.applied());
  }

  private static SnapshotMeta meta(EntryId last) {
    Membership membership = new Membership(List.of(new NodeId("a")));
    return new SnapshotMeta(last, last.index(), membership);
  }

  private void compactModel(long index) {
    EntryId before = at(index).id();
    model.subList(0, (int) (index - start.index())).clear();
    start = before;
  }

  private Entry at(long index) {
    return model.get((int) (index - start.index() - 1));
  }

  private long end() {
    return start.index() + model.size();
  }

  private void append(RaftLog log, Random random, long term) {
    List<Entry> fresh = new ArrayList<>();
    for (int n = random.nextInt(4); n >= 0; n--) {
      fresh.add(entry(end() + 1, term, random.nextInt(100)));
      model.add(fresh.getLast());
    }
    log.append(fresh);
  }

  private void compare(RaftLog log, Random random) {
    assertEquals(end(), log.lastIndex());
    assertEquals(start, log.start());
    assertEquals(model.isEmpty() ? start : model.getLast().id(), log.last());
    assertEquals(end(), log.lastStampMillis());
    assertTrue(log.holds(start), "the start is known");
    long index = start.index() + 1 + random.nextInt(Math.max(1, model.size()));
    if (index <= end()) {
      assertEquals(at(index).term(), log.term(index));
      assertTrue(log.holds(at(index).id()));
      assertFalse(log.holds(new EntryId(at(index).term() + 1, index)));
    }
    long before = start.index() + random.nextInt(model.size() + 3);
    long atMost = random.nextInt(30);
    assertEquals(lastAtOrBefore(before, atMost), log.lastAtOrBefore(before, atMost));
    if (start.index() > 1) {
      EntryId compacted = new EntryId(start.term(), start.index() - 1);
      assertFalse(log.holds(compacted), "nothing is said of what was compacted");
      assertThrows(Invariant.Broken.class, () -> log.term(compacted.index()));
    }
    compareTail(log, random);
  }

  private void compareTail(RaftLog log, Random random) {
    long kept = Math.min(log.flushed(), log.committed()) + 1;
    assertTrue(log.tailFirst() > start.index(), "no more is in memory than in the log");
    assertTrue(log.tailFirst() <= Math.max(1, kept), "what may be needed is kept");
    long bytes = 0;
    for (long i = log.tailFirst(); i <= log.lastIndex(); i++) {
      bytes += at(i).weightBytes();
    }
    assertTrue(
        bytes <= TAIL_BYTES_MAX || log.tailFirst() >= Math.min(kept, log.lastIndex()),
        "no more is kept than must be");
    if (log.tailFirst() <= log.lastIndex()) {
      long from = log.tailFirst() + random.nextInt((int) (log.lastIndex() - log.tailFirst() + 1));
      long bytesMax = random.nextInt(400);
      List<Entry> slice = log.slice(from, log.lastIndex() + 1, bytesMax);
      int place = (int) (from - start.index() - 1);
      assertEquals(model.subList(place, place + slice.size()), slice);
      long weight = slice.stream().mapToLong(Entry::weightBytes).sum();
      assertTrue(slice.size() == 1 || weight <= bytesMax);
    }
  }

  private EntryId lastAtOrBefore(long index, long term) {
    return LongStream.rangeClosed(start.index(), Math.min(index, end()))
        .mapToObj(i -> i == start.index() ? start : at(i).id())
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
              EntryId.NONE,
              entries.getLast().id(),
              entries.subList(entries.size() - tail, entries.size()),
              index -> entries.get((int) index - 1).term(),
              List.of(),
              null);
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
    List<EntryId> starts = List.of(new EntryId(2, 5));
    assertThrows(
        Invariant.Broken.class,
        () ->
            new RecoveredLog(
                EntryId.NONE, new EntryId(2, 5), tail, starts, List.of(), null, false));
    assertThrows(
        Invariant.Broken.class,
        () ->
            new RecoveredLog(
                EntryId.NONE, new EntryId(2, 6), tail, starts, List.of(), null, false));
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
