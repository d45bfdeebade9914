package io.lockstep.raft.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A journal and a list that go through the same operations, with restarts and kills among them. */
final class RandomOperations {
  private final JournalFixture fixture;
  private final Random random;
  private final List<Entry> expected = new ArrayList<>();
  private SegmentedJournal journal;
  private long term = 1;

  RandomOperations(JournalFixture fixture, Random random) throws IOException {
    this.fixture = fixture;
    this.random = random;
    this.journal = fixture.open();
  }

  void run(int steps) throws IOException {
    for (int i = 0; i < steps; i++) {
      step(random.nextInt(100));
      assertEquals(
          expected.isEmpty() ? EntryId.NONE : expected.getLast().id(), journal.last(), "last");
    }
    assertEquals(expected, JournalFixture.all(journal), "all entries in the end");
    journal.close();
    assertEquals(expected, fixture.recovered(), "all entries after a restart");
  }

  private void step(int dice) throws IOException {
    if (dice < 50) {
      append();
    } else if (dice < 60) {
      truncate();
    } else if (dice < 75) {
      journal.force();
    } else if (dice < 80) {
      journal.idle();
    } else if (dice < 95) {
      read();
    } else {
      restart(dice < 98);
    }
  }

  private void append() throws IOException {
    term += random.nextInt(8) == 0 ? 1 : 0;
    List<Entry> entries = new ArrayList<>();
    int count = random.nextInt(20);
    for (int i = 0; i < count; i++) {
      int bytes = random.nextInt(10) == 0 ? random.nextInt(4000) : random.nextInt(300);
      entries.add(JournalFixture.entry(expected.size() + 1 + i, term, bytes));
    }
    assertEquals(count, journal.append(entries), "there is room");
    expected.addAll(entries);
  }

  /** Entries that follow, as a conflict with a leader brings them: otherwise they may come back. */
  private void truncate() throws IOException {
    if (expected.isEmpty()) {
      return;
    }
    int from = expected.size() - random.nextInt(Math.min(30, expected.size()));
    journal.truncateFrom(from);
    expected.subList(from - 1, expected.size()).clear();
    term++;
    Entry first = JournalFixture.entry(from, term, random.nextInt(200));
    journal.append(List.of(first));
    expected.add(first);
  }

  private void read() throws IOException {
    if (expected.isEmpty()) {
      return;
    }
    int from = 1 + random.nextInt(expected.size());
    int to = from + 1 + random.nextInt(expected.size() - from + 1);
    List<Entry> read = journal.read(from, to, random.nextInt(20_000));
    assertTrue(!read.isEmpty() && read.size() <= to - from, "at least one, none past the end");
    assertEquals(expected.subList(from - 1, from - 1 + read.size()), read, "what is read");
  }

  private void restart(boolean inOrder) throws IOException {
    if (inOrder) {
      journal.close();
    } else {
      fixture.kill(journal);
    }
    journal = fixture.open(JournalFixture.options(expected.isEmpty()));
  }
}
