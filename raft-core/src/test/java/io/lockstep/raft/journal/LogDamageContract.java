package io.lockstep.raft.journal;

import static io.lockstep.raft.journal.JournalFixture.all;
import static io.lockstep.raft.journal.JournalFixture.entries;
import static io.lockstep.raft.journal.JournalFixture.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.JournalFixture.Place;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a start makes of a disk that did not keep all that it was given. */
public abstract class LogDamageContract {
  private JournalFixture fixture;

  /** The segment that the first start of a log opens. */
  private static final long FIRST = 1;

  /** A new, empty disk. */
  protected abstract JournalDisk newDisk() throws IOException;

  @BeforeEach
  void makeDisk() throws IOException {
    fixture = new JournalFixture(newDisk());
  }

  /** Entries 1 to 5, forced; then 6 to 9, appended as if their force was never known to end. */
  private List<Entry> killWithNineOfWhichFiveAreProven() throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 5, 1, 100));
    journal.force();
    journal.append(entries(6, 9, 1, 77));
    fixture.kill(journal);
    List<Entry> nine = fixture.recovered();
    assertEquals(9, nine.size());
    return nine;
  }

  private void assertDamaged() {
    DamagedJournalException e =
        assertThrows(DamagedJournalException.class, () -> fixture.recovered());
    assertTrue(e.getMessage().contains("does not start"), e.getMessage());
  }

  @Test
  void aTailTornAtAnyByteIsCutThere() throws IOException {
    List<Entry> nine = killWithNineOfWhichFiveAreProven();
    byte[] good = fixture.disk.bytes(FIRST);
    int from = fixture.entryPlace(FIRST, 6).from();
    int end = fixture.entryPlace(FIRST, 9).toExclusive();
    List<Place> places = fixture.records(FIRST);
    for (int torn = from; torn < end; torn++) {
      byte[] bad = good.clone();
      Arrays.fill(bad, torn, end, (byte) 0);
      fixture.disk.overwrite(FIRST, from, Arrays.copyOfRange(bad, from, end));
      assertEquals(nine.subList(0, intact(places, good, bad)), fixture.recovered(), "at " + torn);
    }
  }

  @Test
  void anyHolesInWhatWasNotForcedCutWhatFollows() throws IOException {
    List<Entry> nine = killWithNineOfWhichFiveAreProven();
    byte[] good = fixture.disk.bytes(FIRST);
    int from = fixture.entryPlace(FIRST, 6).from();
    int end = fixture.entryPlace(FIRST, 9).toExclusive();
    List<Place> places = fixture.records(FIRST);
    for (long seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      byte[] bad = good.clone();
      for (int at = from; at < end; at += 16) {
        if (random.nextInt(8) == 0) {
          Arrays.fill(bad, at, Math.min(end, at + 16), (byte) random.nextInt(256));
        }
      }
      fixture.disk.overwrite(FIRST, from, Arrays.copyOfRange(bad, from, end));
      assertEquals(nine.subList(0, intact(places, good, bad)), fixture.recovered(), "seed " + seed);
    }
  }

  /** How many entries from the first on have all their bytes. */
  private static int intact(List<Place> places, byte[] good, byte[] bad) {
    int count = 0;
    for (Place place : places) {
      int from = place.from();
      int to = place.toExclusive();
      if (!Arrays.equals(good, from, to, bad, from, to)) {
        break;
      }
      count += place.record().type() == JournalRecord.Type.ENTRY ? 1 : 0;
    }
    return count;
  }

  @Test
  void aRecordBehindAHoleNeverComesBack() throws IOException {
    killWithNineOfWhichFiveAreProven();
    Place hole = fixture.entryPlace(FIRST, 7);
    fixture.zero(FIRST, hole.from(), hole.toExclusive());
    SegmentedJournal journal = fixture.open();
    assertEquals(new EntryId(1, 6), journal.last());
    journal.append(entries(7, 7, 2, 50));
    journal.force();
    fixture.kill(journal);
    for (int start = 0; start < 3; start++) {
      journal = fixture.open();
      assertEquals(new EntryId(2, 7), journal.last());
      fixture.kill(journal);
    }
    journal = fixture.open();
    journal.append(entries(8, 8, 3, 50));
    journal.close();
    assertEquals(
        List.of(new EntryId(2, 7), new EntryId(3, 8)),
        fixture.recovered().subList(6, 8).stream().map(Entry::id).toList());
  }

  @Test
  void anyFlippedBitInWhatIsProvenIsRefused() throws IOException {
    killWithNineOfWhichFiveAreProven();
    Random random = new Random(1);
    for (Place place : fixture.records(FIRST).subList(0, 6)) {
      for (int at = place.from(); at < place.toExclusive(); at++) {
        int bit = random.nextInt(8);
        fixture.flip(FIRST, at, bit);
        assertDamaged();
        fixture.flip(FIRST, at, bit);
      }
    }
    assertEquals(9, fixture.recovered().size());
  }

  @Test
  void aMarkProvesTheLastForceAndItsOwnLossIsHarmless() throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 3, 1, 100));
    journal.force();
    journal.idle();
    fixture.kill(journal);
    Place last = fixture.entryPlace(FIRST, 3);
    fixture.flip(FIRST, last.from() + 70, 3);
    assertDamaged();
    fixture.flip(FIRST, last.from() + 70, 3);

    Place mark = fixture.records(FIRST).getLast();
    assertEquals(JournalRecord.Type.MARK, mark.record().type());
    for (int at = mark.from(); at < mark.toExclusive(); at++) {
      fixture.flip(FIRST, at, 5);
      assertEquals(entries(1, 3, 1, 100), fixture.recovered());
      fixture.flip(FIRST, at, 5);
    }
  }

  /**
   * The ambiguity that {@link JournalRecovery} states: nothing after the last forced batch says
   * that it was forced.
   */
  @Test
  void damageToTheLastForcedBatchBeforeItsMarkLooksLikeATornTail() throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 3, 1, 100));
    journal.force();
    fixture.kill(journal);
    fixture.flip(FIRST, fixture.entryPlace(FIRST, 2).from() + 70, 3);
    assertEquals(entries(1, 1, 1, 100), fixture.recovered());
  }

  @Test
  void aShutdownInOrderLeavesNothingUnproven() throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 3, 1, 100));
    journal.close();
    fixture.flip(FIRST, fixture.entryPlace(FIRST, 3).toExclusive() - 1, 0);
    assertDamaged();
  }

  private List<Entry> writeManySegments() throws IOException {
    SegmentedJournal journal = fixture.open();
    Random random = new Random(5);
    for (long next = 1; next <= 400; next += 8) {
      journal.append(entries(next, next + 7, 1, random.nextInt(500)));
      journal.force();
      if (next % 100 < 8) {
        journal.close();
        journal = fixture.open();
      }
    }
    List<Entry> written = all(journal);
    journal.close();
    assertEquals(400, written.size());
    return written;
  }

  @Test
  void randomFlipsAreFoundOrHarmless() throws IOException {
    List<Entry> written = writeManySegments();
    long[] segments = fixture.disk.open().list();
    int found = 0;
    for (long seed = 1; seed <= 400; seed++) {
      Random random = new Random(seed);
      long segment = segments[random.nextInt(segments.length)];
      int position = random.nextInt(fixture.disk.bytes(segment).length);
      int bit = random.nextInt(8);
      fixture.flip(segment, position, bit);
      try {
        assertEquals(written, fixture.recovered(), "seed " + seed);
      } catch (DamagedJournalException e) {
        found++;
      }
      fixture.flip(segment, position, bit);
    }
    assertTrue(found > 20, "flips in live records: " + found);
    assertEquals(written, fixture.recovered());
  }

  @Test
  void lostSectorsAreFoundUnlessTheyHoldTheLastMark() throws IOException {
    List<Entry> written = writeManySegments();
    long[] segments = fixture.disk.open().list();
    long last = segments[segments.length - 2];
    assertTrue(fixture.records(segments[segments.length - 1]).isEmpty(), "prepared, not used");
    int marked = fixture.records(last).getLast().from();
    int found = 0;
    for (long seed = 1; seed <= 300; seed++) {
      Random random = new Random(seed);
      long segment = segments[random.nextInt(segments.length)];
      byte[] good = fixture.disk.bytes(segment);
      int from = random.nextInt(good.length / 512) * 512;
      if (segment == last && from + 512 > marked) {
        continue;
      }
      fixture.zero(segment, from, from + 512);
      try {
        assertEquals(written, fixture.recovered(), "seed " + seed);
      } catch (DamagedJournalException e) {
        found++;
      }
      fixture.disk.overwrite(segment, from, Arrays.copyOfRange(good, from, from + 512));
    }
    assertTrue(found > 20, "lost sectors of live records: " + found);
  }

  @Test
  void aSegmentThatWasCutShortIsRefused() throws IOException {
    killWithNineOfWhichFiveAreProven();
    int end = fixture.entryPlace(FIRST, 9).toExclusive();
    int whole = fixture.disk.bytes(FIRST).length;
    for (int length : new int[] {whole - 1, whole / 2, end + 1, end - 1, 4096, 1, 0}) {
      fixture.disk.truncate(FIRST, length);
      assertDamaged();
    }
  }

  @Test
  void aMissingSegmentIsRefused() throws IOException {
    writeManySegments();
    try (SegmentStore store = fixture.disk.open()) {
      store.delete(store.list()[1]);
      assertDamaged();
    }
    fixture = new JournalFixture(newDisk());
    writeManySegments();
    try (SegmentStore store = fixture.disk.open()) {
      store.delete(store.list()[0]);
    }
    assertTrue(fixture.held().first() > 1, "as after a compaction, but no snapshot goes with it");
  }

  @Test
  void aLogThatIsGoneIsNotANewLog() throws IOException {
    assertThrows(DamagedJournalException.class, () -> fixture.open(JournalFixture.options(false)));
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 1, 1, 10));
    journal.force();
    fixture.kill(journal);
    Place header = fixture.records(FIRST).getFirst();
    int end = fixture.records(FIRST).getLast().toExclusive();
    fixture.zero(FIRST, header.from(), end);
    assertThrows(DamagedJournalException.class, () -> fixture.open(JournalFixture.options(false)));
  }

  @Test
  void aStartThatDiedBeforeItsHeaderWasForcedLeavesNoTrace() throws IOException {
    List<Entry> nine = killWithNineOfWhichFiveAreProven();
    SegmentedJournal journal = fixture.open();
    long current = fixture.store.list()[1];
    fixture.kill(journal);
    Place header = fixture.records(current).getFirst();
    fixture.zero(current, header.from(), header.toExclusive());
    assertEquals(nine, fixture.recovered());
    fixture.open().close();
    assertEquals(nine, fixture.recovered());
  }

  @Test
  void aLostHeaderOfASegmentThatWasForcedIsRefused() throws IOException {
    writeManySegments();
    for (long segment : fixture.disk.open().list()) {
      List<Place> records = fixture.records(segment);
      if (!records.isEmpty()) {
        fixture.flip(segment, records.getFirst().from() + 30, 1);
        assertDamaged();
        fixture.flip(segment, records.getFirst().from() + 30, 1);
      }
    }
    assertEquals(400, fixture.recovered().size());
  }

  @Test
  void whatLooksLikeARecordInsideAPayloadIsNone() throws IOException {
    assertEquals(List.of(entry(1, 1, 10)), recoveredWithForgery(Bytes.utf8("guessed")));
    makeDisk();
    // And it would matter, if a client knew what only the directory knows.
    assertThrows(DamagedJournalException.class, () -> recoveredWithForgery(JournalFixture.OWNER));
  }

  /** A torn record whose payload claims that much more was forced. */
  private List<Entry> recoveredWithForgery(Bytes owner) throws IOException {
    byte[] forged = new byte[RecordCodec.HEAD_BYTES];
    JournalRecord claim = new JournalRecord(JournalRecord.Type.MARK, 0, FIRST, 1000, 999, 0, 0, 0);
    new RecordCodec(owner).encode(claim, Bytes.EMPTY, forged, 0);
    SegmentedJournal journal = fixture.open();
    journal.append(List.of(entry(1, 1, 10)));
    journal.force();
    journal.append(List.of(new Entry(2, 1, 0, EntryKind.COMMAND, Bytes.wrap(forged))));
    fixture.kill(journal);
    assertEquals(2, fixture.recovered().size(), "inside a whole record nothing is looked for");
    fixture.flip(FIRST, fixture.entryPlace(FIRST, 2).from() + 30, 0);
    return fixture.recovered();
  }

  @Test
  void aLaterVersionsSegmentIsRefusedAndNotCut() throws IOException {
    killWithNineOfWhichFiveAreProven();
    Place header = fixture.records(FIRST).getFirst();
    byte[] payload =
        Arrays.copyOfRange(
            fixture.disk.bytes(FIRST),
            header.from() + RecordCodec.HEAD_BYTES,
            header.toExclusive());
    byte[] later = new ByteWriter(64).i32(3).raw(payload, 4, payload.length - 4).toArray();
    byte[] record = new byte[RecordCodec.sizeOf(later.length)];
    new RecordCodec(JournalFixture.OWNER).encode(header.record(), Bytes.wrap(later), record, 0);
    fixture.disk.overwrite(FIRST, header.from(), record);
    assertThrows(ForeignJournalException.class, () -> fixture.recovered());
  }

  @Test
  void anEntryThatRotsWhileTheNodeRunsIsNotServed() throws IOException {
    try (SegmentedJournal journal = fixture.open()) {
      journal.append(entries(1, 5, 1, 100));
      journal.force();
      fixture.flip(FIRST, fixture.entryPlace(FIRST, 3).from() + 80, 2);
      assertEquals(entries(2, 2, 1, 100), journal.read(2, 3, 1));
      assertThrows(DamagedJournalException.class, () -> journal.read(3, 4, 1));
    }
  }

  @Test
  void aStartWritesOnceMoreWhatNoRecordProves() throws IOException {
    killWithNineOfWhichFiveAreProven();
    int from = fixture.entryPlace(FIRST, 6).from();
    int end = fixture.entryPlace(FIRST, 9).toExclusive();
    FaultyStore watched = new FaultyStore(fixture.disk.open());
    SegmentedJournal.open(watched, JournalFixture.options(true), Runnable::run, () -> 0L).close();
    assertEquals(List.of(new FaultyStore.Rewrite(FIRST, from, end)), watched.rewrites);
  }
}
