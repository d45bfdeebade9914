package io.lockstep.raft.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import java.util.ArrayList;
import java.util.List;

/**
 * What a log should be: a list.
 *
 * @param base the id before the first entry that was ever appended since the last reset
 * @param entries all since then, compacted or not
 * @param firstKept from here on nothing was allowed to be compacted
 */
record ExpectedLog(EntryId base, List<Entry> entries, long firstKept) {
  static final ExpectedLog NEW = new ExpectedLog(EntryId.NONE, List.of(), 1);

  static ExpectedLog after(EntryId base) {
    return new ExpectedLog(base, List.of(), base.index() + 1);
  }

  EntryId last() {
    return entries.isEmpty() ? base : entries.getLast().id();
  }

  long next() {
    return last().index() + 1;
  }

  ExpectedLog with(List<Entry> added) {
    List<Entry> all = new ArrayList<>(entries);
    all.addAll(added);
    return new ExpectedLog(base, List.copyOf(all), firstKept);
  }

  ExpectedLog truncatedFrom(long index) {
    return new ExpectedLog(base, entries.subList(0, (int) (index - 1 - base.index())), firstKept);
  }

  ExpectedLog compactedTo(long index) {
    return new ExpectedLog(base, entries, Math.max(index, firstKept));
  }

  /** The entries from {@code first} on. */
  List<Entry> from(long first) {
    return entries.subList((int) (first - 1 - base.index()), entries.size());
  }

  boolean agreesWith(JournalFixture.Held held) {
    return held.first() > base.index()
        && held.first() <= firstKept
        && held.last().equals(last())
        && held.entries().equals(from(held.first()));
  }

  void assertHeld(JournalFixture.Held held, String context) {
    assertEquals(last(), held.last(), context);
    assertTrue(
        held.first() > base.index() && held.first() <= firstKept,
        () -> context + ": begins at " + held.first() + ", kept from " + firstKept);
    assertEquals(from(held.first()), held.entries(), context);
  }
}
