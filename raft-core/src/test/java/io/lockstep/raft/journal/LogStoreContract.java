package io.lockstep.raft.journal;

import static io.lockstep.raft.journal.JournalFixture.all;
import static io.lockstep.raft.journal.JournalFixture.entries;
import static io.lockstep.raft.journal.JournalFixture.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.LogStore.Room;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every log store does, whatever disk it is on, as long as the disk keeps what it was given.
 */
public abstract class LogStoreContract {
  private JournalFixture fixture;

  /** A new, empty disk. */
  protected abstract JournalDisk newDisk() throws IOException;

  @BeforeEach
  void makeDisk() throws IOException {
    fixture = new JournalFixture(newDisk());
  }

  @Test
  void aNewLogIsEmpty() throws IOException {
    try (SegmentedJournal journal = fixture.open()) {
      assertEquals(EntryId.NONE, journal.last());
      assertEquals(List.of(), journal.tail(1000));
      assertEquals(Room.AMPLE, journal.room());
    }
  }

  @Test
  void entriesComeBackAfterACloseAndAfterAKill() throws IOException {
    List<Entry> first = entries(1, 20, 1, 100);
    SegmentedJournal journal = fixture.open();
    assertEquals(20, journal.append(first));
    journal.force();
    journal.close();

    journal = fixture.open(JournalFixture.options(false));
    assertEquals(first, all(journal));
    assertEquals(new EntryId(1, 20), journal.last());
    journal.append(entries(21, 30, 2, 0));
    journal.force();
    fixture.kill(journal);

    try (SegmentedJournal third = fixture.open(JournalFixture.options(false))) {
      List<Entry> expected = new ArrayList<>(first);
      expected.addAll(entries(21, 30, 2, 0));
      assertEquals(expected, all(third));
    }
  }

  @Test
  void aReadStopsAtItsBounds() throws IOException {
    try (SegmentedJournal journal = fixture.open()) {
      journal.append(entries(1, 200, 1, 1000));
      assertEquals(entries(5, 5, 1, 1000), journal.read(5, 100, 1));
      assertEquals(entries(5, 7, 1, 1000), journal.read(5, 100, 3 * 1048));
      assertEquals(entries(5, 9, 1, 1000), journal.read(5, 10, Integer.MAX_VALUE));
      assertEquals(entries(1, 200, 1, 1000), journal.read(1, 201, Integer.MAX_VALUE));
    }
  }

  @Test
  void theTailIsTheNewestEntriesThatWeighAboutSoMuch() throws IOException {
    try (SegmentedJournal journal = fixture.open()) {
      journal.append(entries(1, 200, 1, 1000));
      assertEquals(entries(200, 200, 1, 1000), journal.tail(1));
      List<Entry> tail = journal.tail(100 * 1048);
      assertTrue(tail.size() > 90 && tail.size() <= 100, "entries in the tail: " + tail.size());
      assertEquals(entries(201 - tail.size(), 200, 1, 1000), tail);
      assertEquals(entries(1, 200, 1, 1000), journal.tail(Integer.MAX_VALUE));
    }
  }

  @Test
  void aTruncatedSuffixIsSuperseded() throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 50, 1, 200));
    journal.force();
    journal.truncateFrom(11);
    assertEquals(new EntryId(1, 10), journal.last());
    journal.append(entries(11, 12, 3, 300));
    journal.force();
    fixture.kill(journal);

    try (SegmentedJournal next = fixture.open()) {
      assertEquals(new EntryId(3, 12), next.last());
      assertEquals(entries(1, 10, 1, 200), next.read(1, 11, Integer.MAX_VALUE));
      assertEquals(entries(11, 12, 3, 300), next.read(11, 13, Integer.MAX_VALUE));
    }
  }

  @Test
  void aSegmentMayBeginAfterATruncation() throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 5, 1, 100));
    journal.force();
    journal.truncateFrom(3);
    while (fixture.store.list().length < 4) {
      long next = journal.last().index() + 1;
      journal.append(entries(next, next + 9, 2, 1000));
      journal.force();
    }
    List<Entry> expected = all(journal);
    journal.close();
    assertEquals(expected, fixture.recovered());
  }

  @Test
  void entriesThatDoNotFollowAreABrokenModel() throws IOException {
    try (SegmentedJournal journal = fixture.open()) {
      journal.append(entries(1, 2, 5, 10));
      assertThrows(Invariant.Broken.class, () -> journal.append(List.of(entry(4, 5, 10))));
    }
    try (SegmentedJournal journal = fixture.open()) {
      assertThrows(Invariant.Broken.class, () -> journal.append(List.of(entry(3, 4, 10))));
    }
  }

  @Test
  void theLargestRecordFitsAndALargerOneIsABrokenModel() throws IOException {
    int largest = JournalFixture.RECORD_BYTES_MAX - RecordCodec.HEAD_BYTES;
    try (SegmentedJournal journal = fixture.open()) {
      journal.append(entries(1, 40, 1, largest));
      journal.force();
      assertThrows(Invariant.Broken.class, () -> journal.append(entries(41, 41, 1, largest + 1)));
    }
    assertEquals(entries(1, 40, 1, largest), fixture.recovered());
  }

  @Test
  void startsWithoutEntriesDoNotPileUpSegments() throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 3, 1, 10));
    journal.force();
    journal.close();
    for (int start = 0; start < 10; start++) {
      fixture.open(JournalFixture.options(false)).close();
    }
    journal = fixture.open();
    assertEquals(entries(1, 3, 1, 10), all(journal));
    journal.append(entries(4, 4, 2, 10));
    journal.force();
    fixture.kill(journal);
    assertTrue(fixture.store.list().length <= 3, "one with entries, the current, the next");
    try (SegmentedJournal last = fixture.open()) {
      assertEquals(new EntryId(2, 4), last.last());
    }
  }

  @Test
  void onlyWhatIsNewIsForcedAndMarked() throws IOException {
    try (SegmentedJournal journal = fixture.open()) {
      int before = fixture.store.forces;
      journal.force();
      journal.idle();
      assertEquals(before, fixture.store.forces, "nothing to force");
      journal.append(entries(1, 1, 1, 10));
      journal.force();
      journal.idle();
      journal.idle();
      journal.force();
      journal.idle();
      assertEquals(before + 1, fixture.store.forces, "a mark is not worth a force");
      long current = fixture.store.list()[0];
      List<JournalFixture.Place> places = fixture.records(current);
      long marks =
          places.stream().filter(p -> p.record().type() == JournalRecord.Type.MARK).count();
      // The first follows the header's force, at the start.
      assertEquals(2, marks);
    }
  }

  @Test
  void randomOperationsAgreeWithAList() throws IOException {
    int drops = 0;
    for (long seed = 1; seed <= seeds(); seed++) {
      fixture = new JournalFixture(newDisk());
      try {
        drops += new RandomOperations(fixture, new Random(seed)).run(150);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertTrue(drops > seeds(), "compactions that dropped entries: " + drops);
  }

  /** How many random runs are made. */
  protected int seeds() {
    return 10;
  }

  @Test
  void aFailedForceIsFinal() throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 5, 1, 10));
    journal.force();
    journal.append(entries(6, 9, 1, 10));
    fixture.store.forcesFail = true;
    assertThrows(IOException.class, journal::force);
    fixture.store.forcesFail = false;
    assertThrows(IOException.class, journal::force);
    assertThrows(IOException.class, () -> journal.append(entries(10, 10, 1, 10)));
    assertThrows(IOException.class, journal::idle);
    assertThrows(IOException.class, journal::room);
    int forces = fixture.store.forces;
    journal.close();
    assertEquals(forces, fixture.store.forces, "closing forces nothing after a failure");
    assertEquals(entries(1, 5, 1, 10), fixture.recovered().subList(0, 5));
  }

  @Test
  void aFullDiskIsAStateAndRoomComesBack() throws IOException {
    SegmentedJournal journal = fixture.open();
    long index = 1;
    fixture.store.full = true;
    while (journal.room() == Room.AMPLE) {
      assertEquals(1, journal.append(List.of(entry(index++, 1, 1000))));
      journal.force();
    }
    assertEquals(Room.RESERVE, journal.room());
    int inReserve = 0;
    while (journal.append(List.of(entry(index, 1, 1000))) == 1) {
      journal.force();
      index++;
      inReserve++;
    }
    assertTrue(inReserve > 10, "the reserve takes entries: " + inReserve);
    assertEquals(Room.NONE, journal.room());
    assertEquals(new EntryId(1, index - 1), journal.last());
    journal.force();
    journal.idle();

    fixture.store.full = false;
    assertEquals(Room.NONE, journal.room(), "tried again a second later at the earliest");
    fixture.nanos += 1_000_000_000L;
    assertEquals(Room.AMPLE, journal.room());
    assertEquals(1, journal.append(List.of(entry(index, 1, 1000))));
    journal.force();
    fixture.kill(journal);
    assertEquals(entries(1, index, 1, 1000), fixture.recovered());
  }

  @Test
  void aNodeStartsOnAFullDiskAndGoesOnWhenThereIsRoom() throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 5, 1, 10));
    journal.close();

    FaultyStore full = new FaultyStore(fixture.disk.open());
    full.full = true;
    fixture.store = full;
    SegmentedJournal restarted =
        SegmentedJournal.open(
            full, JournalFixture.options(false), Runnable::run, () -> fixture.nanos);
    assertEquals(Room.NONE, restarted.room());
    assertEquals(0, restarted.append(entries(6, 7, 2, 10)));
    assertEquals(entries(1, 5, 1, 10), all(restarted));
    restarted.force();
    restarted.idle();
    full.full = false;
    fixture.nanos += 1_000_000_000L;
    assertEquals(Room.AMPLE, restarted.room());
    assertEquals(2, restarted.append(entries(6, 7, 2, 10)));
    restarted.force();
    restarted.close();
    assertEquals(new EntryId(2, 7), fixture.recovered().getLast().id());
  }

  /** Otherwise a disk that stays full would seem to have room once a second, and let growth in. */
  @Test
  void aFullDiskStaysFullWhileRoomIsTriedAgain() throws IOException {
    List<Runnable> later = new ArrayList<>();
    FaultyStore store = new FaultyStore(fixture.disk.open());
    SegmentedJournal journal =
        SegmentedJournal.open(store, JournalFixture.options(true), later::add, () -> fixture.nanos);
    store.full = true;
    runAll(later);
    assertEquals(Room.RESERVE, journal.room());
    fixture.nanos += 1_000_000_000L;
    assertEquals(Room.RESERVE, journal.room(), "it is being tried");
    assertEquals(1, later.size());
    runAll(later);
    assertEquals(Room.RESERVE, journal.room());
    store.full = false;
    fixture.nanos += 1_000_000_000L;
    assertEquals(Room.RESERVE, journal.room());
    runAll(later);
    assertEquals(Room.AMPLE, journal.room());
    journal.close();
  }

  private static void runAll(List<Runnable> tasks) {
    List<Runnable> now = List.copyOf(tasks);
    tasks.clear();
    now.forEach(Runnable::run);
  }

  @Test
  void aNewLogOnAFullDiskIsRefused() throws IOException {
    FaultyStore full = new FaultyStore(fixture.disk.open());
    full.full = true;
    assertThrows(
        NoSpaceException.class,
        () -> SegmentedJournal.open(full, JournalFixture.options(true), Runnable::run, () -> 0L));
  }

  @Test
  void theNextSegmentIsMadeInTheBackgroundOrWhenItIsNeeded() throws IOException {
    List<Runnable> later = new ArrayList<>();
    SegmentStore store = fixture.disk.open();
    SegmentedJournal journal =
        SegmentedJournal.open(store, JournalFixture.options(true), later::add, () -> 0L);
    assertEquals(1, store.list().length);
    assertEquals(Room.AMPLE, journal.room());
    journal.append(entries(1, 200, 1, 1000));
    journal.force();
    int made = store.list().length;
    assertTrue(made > 3, "segments that were needed at once: " + made);
    later.forEach(Runnable::run);
    assertEquals(made + 1, store.list().length, "the one that was not needed yet");
    journal.close();
    assertEquals(entries(1, 200, 1, 1000), fixture.recovered());
  }

  @Test
  void anotherMembersLogIsRefused() throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 5, 1, 10));
    journal.close();
    JournalOptions own = JournalFixture.options(true);
    JournalOptions others =
        new JournalOptions(
            Bytes.utf8("n2"),
            own.firstSegmentBytes(),
            own.segmentBytes(),
            own.recordBytesMax(),
            true);
    assertThrows(ForeignJournalException.class, () -> fixture.open(others));
    assertFalse(fixture.recovered().isEmpty(), "and left as it was");
  }
}
