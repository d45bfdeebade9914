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

/** A journal and a list that go through the same operations, with restarts and kills among them. */
final class RandomOperations {
  private final JournalFixture fixture;
  private final Random random;
  private ExpectedLog expected = ExpectedLog.NEW;
  private SegmentedJournal journal;
  private long term = 1;

  /** How often a compaction has dropped entries. */
  private int drops;

  RandomOperations(JournalFixture fixture, Random random) throws IOException {
    this.fixture = fixture;
    this.random = random;
    this.journal = fixture.open();
  }

  /** Returns how often a compaction has dropped entries. */
  int run(int steps) throws IOException {
    for (int i = 0; i < steps; i++) {
      step(random.nextInt(100));
      assertEquals(expected.last(), journal.last(), "last");
    }
    expected.assertHeld(Held.by(journal), "all entries in the end");
    journal.close();
    expected.assertHeld(fixture.held(), "all entries after a restart");
    return drops;
  }

  private void step(int dice) throws IOException {
    if (dice < 50) {
      append();
    } else if (dice < 60) {
      truncate();
    } else if (dice < 70) {
      journal.force();
    } else if (dice < 75) {
      journal.idle();
    } else if (dice < 85) {
      read();
    } else if (dice < 92) {
      compact();
    } else if (dice < 94) {
      reset();
    } else {
      restart(dice < 97);
    }
  }

  private void append() throws IOException {
    term += random.nextInt(8) == 0 ? 1 : 0;
    List<Entry> entries = new ArrayList<>();
    int count = random.nextInt(20);
    for (int i = 0; i < count; i++) {
      int bytes = random.nextInt(10) == 0 ? random.nextInt(4000) : random.nextInt(300);
      entries.add(JournalFixture.entry(expected.next() + i, term, bytes));
    }
    assertEquals(count, journal.append(entries), "there is room");
    expected = expected.with(entries);
  }

  /** Entries that follow, as a conflict with a leader brings them: otherwise they may come back. */
  private void truncate() throws IOException {
    long most = Math.min(30, expected.next() - expected.firstKept());
    if (most == 0) {
      return;
    }
    long from = expected.next() - 1 - random.nextLong(most);
    journal.truncateFrom(from);
    expected = expected.truncatedFrom(from);
    assertEquals(expected.last(), journal.last(), "the last before the truncation");
    term++;
    Entry first = JournalFixture.entry(from, term, random.nextInt(200));
    journal.append(List.of(first));
    expected = expected.with(List.of(first));
  }

  private void read() throws IOException {
    long first = journal.firstIndex();
    if (first == expected.next()) {
      assertEquals(List.of(), journal.tail(1), "the tail of nothing");
      return;
    }
    long from = first + random.nextLong(expected.next() - first);
    long to = from + 1 + random.nextLong(expected.next() - from);
    List<Entry> read = journal.read(from, to, random.nextInt(20_000));
    assertTrue(!read.isEmpty() && read.size() <= to - from, "at least one, none past the end");
    assertEquals(expected.from(from).subList(0, read.size()), read, "what is read");
    List<Entry> tail = journal.tail(random.nextInt(20_000));
    assertEquals(expected.from(expected.next() - tail.size()), tail, "the tail");
  }

  private void compact() throws IOException {
    long firstKept =
        expected.firstKept() + random.nextLong(expected.next() - expected.firstKept() + 1);
    long before = journal.firstIndex();
    journal.compactTo(firstKept);
    drops += journal.firstIndex() > before ? 1 : 0;
    expected = expected.compactedTo(firstKept);
    expected.assertHeld(Held.by(journal), "after a compaction");
  }

  private void reset() throws IOException {
    long index = Math.max(1, expected.firstKept() + random.nextInt(200));
    EntryId last = new EntryId(++term, index);
    journal.resetTo(last);
    expected = ExpectedLog.after(last);
    assertEquals(new Held(index + 1, last, List.of()), Held.by(journal), "after a reset");
    assertEquals(1, journal.segments());
  }

  private void restart(boolean inOrder) throws IOException {
    long first = journal.firstIndex();
    if (inOrder) {
      journal.close();
    } else {
      fixture.kill(journal);
    }
    journal = fixture.open(JournalFixture.options(expected.equals(ExpectedLog.NEW)));
    assertEquals(first, journal.firstIndex(), "the first index after a restart");
  }
}
