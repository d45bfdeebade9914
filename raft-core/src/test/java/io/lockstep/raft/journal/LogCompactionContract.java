package io.lockstep.raft.journal;

import static io.lockstep.raft.journal.JournalFixture.all;
import static io.lockstep.raft.journal.JournalFixture.entries;
import static io.lockstep.raft.journal.JournalFixture.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.JournalFixture.Held;
import io.lockstep.raft.journal.JournalFixture.Place;
import io.lockstep.raft.storage.LogStore.Room;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How every log store loses its beginning, or all it has, in favour of a snapshot. */
public abstract class LogCompactionContract {
  private static final JournalOptions OLD = JournalFixture.options(false);

  private JournalFixture fixture;

  /** A new, empty disk. */
  protected abstract JournalDisk newDisk() throws IOException;

  @BeforeEach
  void makeDisk() throws IOException {
    fixture = new JournalFixture(newDisk());
  }

  private SegmentedJournal withEntries(long last) throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, last, 1, 1000));
    journal.force();
    return journal;
  }

  /** Replaces the entries from {@code from} on, as a new leader does. */
  private static void supersede(SegmentedJournal journal, long from, long last, long term)
      throws IOException {
    journal.truncateFrom(from);
    journal.append(entries(from, last, term, 1000));
    journal.force();
  }

  private long[] onDisk() throws IOException {
    return fixture.store.list();
  }

  @Test
  void whatIsCompactedGoesInWholeSegments() throws IOException {
    SegmentedJournal journal = withEntries(300);
    int segments = journal.segments();
    assertTrue(segments >= 5, "segments: " + segments);
    journal.compactTo(200);
    long first = journal.firstIndex();
    assertTrue(first > 100 && first <= 200, "the first that is left: " + first);
    assertTrue(journal.segments() < segments - 2);
    assertEquals(journal.segments() + 1, onDisk().length, "and the one that is prepared");
    assertEquals(entries(first, 300, 1, 1000), all(journal));
    assertEquals(entries(300, 300, 1, 1000), journal.tail(1));
    assertEquals(entries(first, 300, 1, 1000), journal.tail(Integer.MAX_VALUE));
    assertThrows(Invariant.Broken.class, () -> journal.read(first - 1, 300, 1));
    assertThrows(Invariant.Broken.class, () -> journal.compactTo(302));

    journal.compactTo(first);
    journal.compactTo(1);
    assertEquals(first, journal.firstIndex(), "nothing more may go");
    fixture.kill(journal);
    try (SegmentedJournal next = fixture.open(OLD)) {
      assertEquals(
          new Held(first, new EntryId(1, 300), entries(first, 300, 1, 1000)), Held.by(next));
      next.append(entries(301, 302, 4, 10));
      next.force();
      assertEquals(new EntryId(4, 302), next.last());
    }
  }

  @Test
  void theSegmentInUseStays() throws IOException {
    SegmentedJournal journal = withEntries(300);
    journal.compactTo(301);
    assertEquals(1, journal.segments());
    long first = journal.firstIndex();
    assertTrue(first > 200, "the first that is left: " + first);
    journal.append(entries(301, 310, 2, 1000));
    journal.close();
    Held expected = Held.by(fixture.open(OLD));
    assertEquals(new EntryId(2, 310), expected.last());
    assertEquals(first, expected.first());
    assertEquals(
        entries(301, 310, 2, 1000),
        expected.entries().subList(301 - (int) first, 311 - (int) first));
  }

  /** Live entries of old segments, and superseded ones in newer segments that are left. */
  @Test
  void whatWasSupersededDoesNotRiseAgain() throws IOException {
    for (int operation = 0; ; operation++) {
      makeDisk();
      SegmentedJournal journal = withEntries(120);
      supersede(journal, 31, 200, 2);
      journal.truncateFrom(151);
      journal.append(entries(151, 155, 3, 1000));
      List<Entry> before = all(journal);
      boolean done = diesAt(operation, journal, () -> journal.compactTo(150));
      Held held = Held.by(fixture.open(OLD));
      assertEquals(new EntryId(3, 155), held.last(), "operation " + operation);
      assertTrue(held.first() <= 150);
      assertEquals(
          before.subList((int) held.first() - 1, before.size()),
          held.entries(),
          "operation " + operation);
      if (done) {
        assertTrue(held.first() > 60, "and entries of both terms were dropped: " + held.first());
        assertTrue(operation > 3, "operations: " + operation);
        return;
      }
    }
  }

  @Test
  void theTermBeforeTheFirstEntryStaysKnown() throws IOException {
    SegmentedJournal journal = withEntries(1);
    while (journal.segments() == 1) {
      journal.append(List.of(entry(journal.last().index() + 1, 1, 1000)));
    }
    long from = journal.last().index() - 10;
    supersede(journal, from, from + 6, 2);
    assertEquals(2, journal.segments(), "it has the entries that supersede");
    journal.compactTo(from);
    assertEquals(1, journal.firstIndex(), "only the older one tells the term before those");
    fixture.kill(journal);
    journal = fixture.open(OLD);
    journal.truncateFrom(from);
    assertEquals(new EntryId(1, from - 1), journal.last());
  }

  @Test
  void aSegmentLeftMayBeginWithWhatWasSuperseded() throws IOException {
    for (boolean truncatedAgain : new boolean[] {false, true}) {
      makeDisk();
      SegmentedJournal journal = withEntries(1);
      while (journal.segments() == 1) {
        journal.append(List.of(entry(journal.last().index() + 1, 1, 1000)));
      }
      long from = journal.last().index() - 10;
      supersede(journal, from, from + 6, 2);
      if (truncatedAgain) {
        journal.truncateFrom(from);
      }
      long term = truncatedAgain ? 3 : 2;
      while (journal.segments() == 2) {
        journal.append(List.of(entry(journal.last().index() + 1, term, 1000)));
      }
      EntryId last = journal.last();
      SegmentedJournal dying = journal;
      // One operation is the force, the next deletes the first segment.
      assertEquals(false, diesAt(2, journal, () -> dying.compactTo(last.index())));
      Held held = fixture.held();
      assertEquals(from, held.first());
      assertEquals(last, held.last());
      assertEquals(entry(from, term, 1000), held.entries().getFirst());
      try (SegmentedJournal next = fixture.open(OLD)) {
        assertEquals(held, Held.by(next));
        next.compactTo(last.index());
        assertEquals(last.index(), next.firstIndex());
      }
    }
  }

  @Test
  void aSegmentLeftMayHaveNothingThatIsLive() throws IOException {
    SegmentedJournal journal = withEntries(1);
    while (journal.segments() < 3) {
      journal.append(List.of(entry(journal.last().index() + 1, 1, 1000)));
    }
    long fitTwo = journal.last().index() - 1;
    for (int operation = 0; operation < 3; operation++) {
      makeDisk();
      journal = withEntries(fitTwo);
      assertEquals(2, journal.segments());
      supersede(journal, 20, 30, 2);
      assertEquals(3, journal.segments(), "the third begins below what the second has");
      SegmentedJournal dying = journal;
      assertEquals(operation == 2, diesAt(operation, dying, () -> dying.compactTo(25)));
      Held held = Held.by(fixture.open(OLD));
      assertEquals(operation == 0 ? 1 : 20, held.first());
      assertEquals(new EntryId(2, 30), held.last());
      assertEquals(
          entries(20, 30, 2, 1000),
          held.entries().subList(20 - (int) held.first(), 31 - (int) held.first()));
    }
  }

  @Test
  void nothingIsCompactedWhileATruncationIsNotOnTheDisk() throws IOException {
    SegmentedJournal journal = withEntries(300);
    journal.truncateFrom(250);
    journal.compactTo(250);
    assertEquals(1, journal.firstIndex());
    fixture.kill(journal);
    journal = fixture.open(OLD);
    long last = journal.last().index();
    assertTrue(last == 249 || last == 300, "as durable as the next append's force: " + last);
    supersede(journal, 250, 250, 2);
    journal.compactTo(250);
    assertTrue(journal.firstIndex() > 200);
    journal.close();
    assertEquals(new EntryId(2, 250), fixture.held().last());
  }

  @Test
  void aResetLogIsEmptyAndGoesOnAfterTheSnapshot() throws IOException {
    for (EntryId to : List.of(new EntryId(7, 1000), new EntryId(2, 300), new EntryId(3, 20))) {
      makeDisk();
      SegmentedJournal journal = withEntries(300);
      journal.resetTo(to);
      Held empty = new Held(to.index() + 1, to, List.of());
      assertEquals(empty, Held.by(journal));
      assertEquals(List.of(), journal.tail(1000));
      assertEquals(1, journal.segments());
      assertEquals(2, onDisk().length, "and the one that is prepared");
      fixture.kill(journal);
      journal = fixture.open(OLD);
      assertEquals(empty, Held.by(journal));

      List<Entry> after = entries(to.index() + 1, to.index() + 200, 8, 1000);
      journal.append(after);
      journal.force();
      fixture.kill(journal);
      assertEquals(
          new Held(to.index() + 1, new EntryId(8, to.index() + 200), after), fixture.held());
    }
  }

  @Test
  void entriesThatDoNotFollowOnTheSnapshotAreABrokenModel() throws IOException {
    try (SegmentedJournal journal = withEntries(3)) {
      journal.resetTo(new EntryId(7, 1000));
      assertThrows(Invariant.Broken.class, () -> journal.append(List.of(entry(4, 7, 10))));
    }
    try (SegmentedJournal journal = fixture.open(OLD)) {
      assertThrows(Invariant.Broken.class, () -> journal.append(List.of(entry(1001, 6, 10))));
    }
  }

  @Test
  void startsAfterAResetDoNotPileUpSegments() throws IOException {
    SegmentedJournal journal = withEntries(10);
    journal.resetTo(new EntryId(7, 1000));
    journal.close();
    for (int start = 0; start < 10; start++) {
      journal = fixture.open(OLD);
      assertEquals(new EntryId(7, 1000), journal.last());
      journal.close();
    }
    journal = fixture.open(OLD);
    assertTrue(journal.segments() <= 2, "one that says where the log begins, and the current");
    journal.compactTo(1001);
    assertEquals(1, journal.segments());
    fixture.kill(journal);
    assertEquals(new Held(1001, new EntryId(7, 1000), List.of()), fixture.held());
  }

  @Test
  void aCrashAtAnyOperationOfAResetLeavesTheOldLogOrTheNew() throws IOException {
    EntryId to = new EntryId(7, 150);
    int old = 0;
    for (int operation = 0; ; operation++) {
      makeDisk();
      SegmentedJournal journal = withEntries(200);
      boolean done = diesAt(operation, journal, () -> journal.resetTo(to));
      SegmentedJournal next = fixture.open(OLD);
      if (next.last().equals(to)) {
        assertEquals(151, next.firstIndex());
        assertTrue(next.segments() <= 2, "one with the reset, and that of this start");
        assertEquals(next.segments() + 1, onDisk().length, "the start has deleted the others");
      } else {
        assertEquals(entries(1, 200, 1, 1000), all(next), "operation " + operation);
        next.resetTo(to);
        old++;
      }
      next.append(entries(151, 160, 8, 100));
      next.close();
      assertEquals(new Held(151, new EntryId(8, 160), entries(151, 160, 8, 100)), fixture.held());
      if (done) {
        assertTrue(old > 0 && operation > old + 2, old + " of " + operation);
        return;
      }
    }
  }

  @Test
  void aCrashAtAnyOperationOfACompactionLosesNothingThatIsKept() throws IOException {
    for (int operation = 0; ; operation++) {
      makeDisk();
      SegmentedJournal journal = withEntries(300);
      journal.append(entries(301, 305, 2, 1000));
      boolean done = diesAt(operation, journal, () -> journal.compactTo(250));
      SegmentedJournal next = fixture.open(OLD);
      long first = next.firstIndex();
      assertTrue(first <= 250, "operation " + operation + " leaves from " + first);
      List<Entry> expected = new ArrayList<>(entries(first, 300, 1, 1000));
      expected.addAll(entries(301, 305, 2, 1000));
      assertEquals(expected, all(next), "operation " + operation);
      next.compactTo(250);
      assertTrue(next.firstIndex() > 190, "the rest goes another time");
      next.close();
      if (done) {
        assertTrue(operation > 4, "operations: " + operation);
        return;
      }
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  /**
   * The process dies instead of its operation of that number, or after the step if it has fewer.
   */
  private boolean diesAt(int operation, SegmentedJournal journal, Step step) throws IOException {
    fixture.store.operationsLeft = operation;
    boolean done = true;
    try {
      step.run();
      fixture.store.operationsLeft = Integer.MAX_VALUE;
    } catch (IOException e) {
      assertEquals("killed", e.getMessage());
      done = false;
    }
    fixture.kill(journal);
    return done;
  }

  @Test
  void whatIsOlderThanAResetIsNotLookedAt() throws IOException {
    SegmentedJournal journal = withEntries(200);
    // Header, force; then it dies before it has deleted anything.
    assertEquals(false, diesAt(3, journal, () -> journal.resetTo(new EntryId(7, 150))));
    long oldest = onDisk()[0];
    fixture.zero(oldest, 0, fixture.disk.bytes(oldest).length);
    Held expected = new Held(151, new EntryId(7, 150), List.of());
    assertEquals(expected, fixture.held());
    try (SegmentedJournal next = fixture.open(OLD)) {
      assertEquals(expected, Held.by(next));
      assertTrue(onDisk()[0] > oldest, "and deleted");
    }
  }

  @Test
  void aFailedForceLeavesTheOldSegmentsAndIsFinal() throws IOException {
    SegmentedJournal journal = withEntries(300);
    journal.append(entries(301, 301, 1, 10));
    long[] before = onDisk();
    fixture.store.forcesFail = true;
    assertThrows(IOException.class, () -> journal.compactTo(300));
    fixture.store.forcesFail = false;
    assertEquals(Arrays.toString(before), Arrays.toString(onDisk()));
    assertThrows(IOException.class, () -> journal.compactTo(300));
    assertThrows(IOException.class, () -> journal.resetTo(new EntryId(2, 400)));
    journal.close();

    SegmentedJournal next = fixture.open(OLD);
    fixture.store.forcesFail = true;
    assertThrows(IOException.class, () -> next.resetTo(new EntryId(2, 400)));
    assertEquals(before[0], onDisk()[0]);
    assertThrows(IOException.class, next::force);
    next.close();
  }

  @Test
  void aResetThatFindsNoRoomChangesNothing() throws IOException {
    SegmentedJournal journal = withEntries(5);
    fixture.store.full = true;
    journal.resetTo(new EntryId(2, 10));
    assertEquals(Room.RESERVE, journal.room(), "the segment that was prepared is used");
    journal.append(entries(11, 12, 2, 10));
    assertThrows(NoSpaceException.class, () -> journal.resetTo(new EntryId(2, 20)));
    assertEquals(Room.NONE, journal.room());
    assertEquals(new Held(11, new EntryId(2, 12), entries(11, 12, 2, 10)), Held.by(journal));
    journal.force();

    fixture.store.full = false;
    fixture.nanos += 1_000_000_000L;
    assertEquals(Room.AMPLE, journal.room());
    journal.resetTo(new EntryId(2, 20));
    fixture.kill(journal);
    assertEquals(new Held(21, new EntryId(2, 20), List.of()), fixture.held());
  }

  @Test
  void aNodeOnAFullDiskCompactsBeforeItHasASegmentOfItsOwn() throws IOException {
    withEntries(300).close();
    FaultyStore full = new FaultyStore(fixture.disk.open());
    full.full = true;
    fixture.store = full;
    SegmentedJournal journal = SegmentedJournal.open(full, OLD, Runnable::run, () -> fixture.nanos);
    assertEquals(0, journal.append(entries(301, 301, 1, 10)));
    journal.compactTo(301);
    assertTrue(journal.firstIndex() > 200);
    full.full = false;
    fixture.nanos += 1_000_000_000L;
    assertEquals(Room.AMPLE, journal.room());
    assertEquals(1, journal.append(entries(301, 301, 1, 10)));
    journal.close();
    assertEquals(new EntryId(1, 301), fixture.held().last());
  }

  @Test
  void aNodeStartsOnAFullDiskWithAnEmptyLogThatWasCompacted() throws IOException {
    SegmentedJournal journal = withEntries(30);
    journal.close();
    journal = fixture.open(OLD);
    journal.compactTo(31);
    journal.close();
    FaultyStore full = new FaultyStore(fixture.disk.open());
    full.full = true;
    try (SegmentedJournal next = SegmentedJournal.open(full, OLD, Runnable::run, () -> 0L)) {
      assertEquals(new Held(31, new EntryId(1, 30), List.of()), Held.by(next));
      assertEquals(Room.NONE, next.room());
    }
  }

  @Test
  void anOldestSegmentWhoseBeginningIsLostIsRefused() throws IOException {
    SegmentedJournal journal = withEntries(300);
    journal.compactTo(200);
    journal.close();
    long oldest = onDisk()[0];
    Place header = fixture.records(oldest).getFirst();
    for (int at = header.from(); at < header.toExclusive(); at++) {
      fixture.flip(oldest, at, 1);
      assertThrows(DamagedJournalException.class, fixture::held);
      fixture.flip(oldest, at, 1);
    }
    assertEquals(new EntryId(1, 300), fixture.held().last());
  }

  @Test
  void aLogOfTheFirstFormatIsRead() throws IOException {
    SegmentedJournal journal = withEntries(3);
    fixture.kill(journal);
    Place place = fixture.records(1).getFirst();
    byte[] bytes = fixture.disk.bytes(1);
    SegmentHeader header =
        SegmentHeader.decode(
            Bytes.copyOf(bytes, place.from() + RecordCodec.HEAD_BYTES, place.toExclusive()));
    Bytes first =
        new ByteWriter(64)
            .i32(1)
            .i64(header.length())
            .i64(header.chain())
            .bytes(header.owner())
            .toBytes();
    byte[] record = new byte[RecordCodec.sizeOf(first.length())];
    new RecordCodec(JournalFixture.OWNER).encode(place.record(), first, record, 0);
    fixture.zero(1, place.from(), fixture.records(1).get(1).from());
    fixture.disk.overwrite(1, place.from(), record);
    assertEquals(entries(1, 3, 1, 1000), fixture.recovered());
  }
}
