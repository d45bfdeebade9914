package io.lockstep.raft.journal;

import static io.lockstep.raft.journal.JournalFixture.entries;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.JournalFixture.Held;
import io.lockstep.raft.journal.JournalFixture.Place;
import io.lockstep.raft.storage.Repair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a start keeps of a damaged log, and that it never forgets that something was lost. */
public abstract class LogRepairContract {
  private JournalFixture fixture;
  private MemoryRepairs repairs = new MemoryRepairs();

  /** A new, empty disk. */
  protected abstract JournalDisk newDisk() throws IOException;

  @BeforeEach
  void makeDisk() throws IOException {
    fixture = new JournalFixture(newDisk());
    repairs = new MemoryRepairs();
  }

  /** Entries of one term, in some segments, all forced and said to be so. */
  private List<Entry> written(int last) throws IOException {
    SegmentedJournal journal = fixture.open();
    for (long from = 1; from <= last; from += 10) {
      journal.append(entries(from, from + 9, 1, 1000));
      journal.force();
    }
    journal.close();
    return entries(1, last, 1, 1000);
  }

  private void damage(long index) throws IOException {
    for (long segment : fixture.disk.open().list()) {
      for (Place place : fixture.records(segment)) {
        if (place.isEntry(index)) {
          fixture.flip(segment, place.from() + 100, 3);
          return;
        }
      }
    }
    throw new AssertionError("no entry " + index);
  }

  @Test
  void whatIsBeforeTheDamageIsKeptAndTheMarkSaysSo() throws IOException {
    for (int damaged : new int[] {1, 7, 100, 150, 200}) {
      makeDisk();
      List<Entry> all = written(200);
      damage(damaged);
      assertThrows(
          DamagedJournalException.class, () -> fixture.open(JournalFixture.options(false)));
      SegmentedJournal journal = fixture.openRepaired(repairs);
      EntryId kept = damaged == 1 ? EntryId.NONE : new EntryId(1, damaged - 1);
      assertEquals(kept, repairs.begun.kept());
      assertTrue(repairs.begun.seenUpTo() >= damaged - 1, () -> "saw " + repairs.begun.seenUpTo());
      assertEquals(new Held(1, kept, all.subList(0, damaged - 1)), Held.by(journal));
      journal.append(entries(damaged, damaged + 100L, 2, 500));
      journal.force();
      fixture.kill(journal);

      MemoryRepairs later = new MemoryRepairs();
      journal = fixture.openRepaired(later);
      assertNull(later.begun, "the log is whole again; only the mark tells");
      List<Entry> expected = new ArrayList<>(all.subList(0, damaged - 1));
      expected.addAll(entries(damaged, damaged + 100L, 2, 500));
      assertEquals(expected, Held.by(journal).entries());
      journal.close();
      assertEquals(expected, fixture.recovered(), "for an ordinary start too");
    }
  }

  @Test
  void aLogThatIsWholeOrTornIsNotMarked() throws IOException {
    written(50);
    fixture.openRepaired(repairs).close();
    SegmentedJournal journal = fixture.open();
    journal.append(entries(51, 60, 1, 100));
    fixture.kill(journal);
    damage(55);
    journal = fixture.openRepaired(repairs);
    assertEquals(new EntryId(1, 54), journal.last());
    assertNull(repairs.begun);
    journal.close();
  }

  @Test
  void nothingIsCutWhenTheMarkFails() throws IOException {
    written(200);
    damage(120);
    repairs.fails = true;
    assertThrows(IOException.class, () -> fixture.openRepaired(repairs));
    assertEquals(List.of(), fixture.store.rewrites.stream().filter(r -> r.from() < 0).toList());
    assertThrows(DamagedJournalException.class, fixture::recovered);
    repairs.fails = false;
    fixture.openRepaired(repairs).close();
    assertEquals(119, repairs.begun.kept().index());
  }

  @Test
  void nothingIsCutThatMustNotBe() throws IOException {
    SegmentedJournal journal = fixture.open();
    List<Entry> all = new ArrayList<>(entries(1, 40, 1, 1000));
    Membership grown = new Membership(List.of(new NodeId("n1"), new NodeId("n2")));
    all.set(9, new Entry(10, 1, 10, EntryKind.MEMBERSHIP, MembershipCodec.encode(grown)));
    journal.append(all);
    journal.force();
    journal.close();
    damage(30);
    List<Entry> seen = new ArrayList<>();
    RepairPolicy refuses =
        (damage, memberships) -> {
          seen.addAll(memberships);
          throw damage;
        };
    assertThrows(DamagedJournalException.class, () -> fixture.openRepaired(repairs, refuses));
    assertEquals(List.of(all.get(9)), seen, "who took part, as far as that is left");
    assertNull(repairs.begun);
    fixture.openRepaired(repairs).close();
    assertEquals(29, repairs.begun.kept().index());
  }

  @Test
  void aCrashAtAnyOperationLeavesTheDamageOrTheMark() throws IOException {
    int killed = 0;
    for (int operation = 0; ; operation++) {
      makeDisk();
      List<Entry> all = written(200);
      damage(70);
      FaultyStore dying = new FaultyStore(fixture.disk.open());
      dying.operationsLeft = operation;
      fixture.store = dying;
      try {
        SegmentedJournal journal =
            SegmentedJournal.openRepaired(
                dying,
                JournalFixture.options(false),
                Runnable::run,
                () -> 0L,
                repairs,
                JournalFixture.ALLOWED);
        dying.operationsLeft = Integer.MAX_VALUE;
        fixture.kill(journal);
        assertTrue(killed > 3, "operations: " + killed);
        return;
      } catch (IOException e) {
        killed++;
      }
      if (repairs.begun == null) {
        assertThrows(DamagedJournalException.class, fixture::recovered, "operation " + operation);
      }
      SegmentedJournal next = fixture.openRepaired(repairs);
      assertEquals(all.subList(0, 69), Held.by(next).entries(), "operation " + operation);
      assertTrue(repairs.begun != null);
      next.close();
    }
  }

  @Test
  void segmentsThatAreGoneOrCutShortTakeTheirSuccessorsWithThem() throws IOException {
    for (boolean gone : new boolean[] {false, true}) {
      for (int which = gone ? 1 : 0; which < 4; which++) {
        makeDisk();
        List<Entry> all = written(200);
        try (SegmentStore store = fixture.disk.open()) {
          long segment = store.list()[which];
          boolean last = fixture.records(store.list()[which + 1]).isEmpty();
          if (gone && last) {
            // Nothing tells of it: the case that JournalRecovery calls ambiguous.
            break;
          }
          if (gone) {
            store.delete(segment);
          } else {
            fixture.disk.truncate(segment, 3000);
          }
        }
        SegmentedJournal journal = fixture.openRepaired(repairs);
        int kept = (int) journal.last().index();
        assertEquals(1, journal.firstIndex(), "what has lost its beginning is not kept");
        assertEquals(all.subList(0, kept), Held.by(journal).entries());
        journal.append(entries(kept + 1, kept + 5, 2, 10));
        journal.close();
        assertTrue(kept < 200 && kept >= 30 * which, "kept: " + kept);
        assertEquals(kept, repairs.begun.kept().index());
        assertEquals(kept + 5, fixture.held().last().index(), "an ordinary start finds it whole");
      }
    }
  }

  @Test
  void ofALogThatLostItsBeginningNothingIsKept() throws IOException {
    eventful();
    long oldest = fixture.disk.open().list()[0];
    fixture.flip(oldest, fixture.records(oldest).getFirst().from() + 30, 1);
    SegmentedJournal journal = fixture.openRepaired(repairs);
    assertEquals(new Held(1, EntryId.NONE, List.of()), Held.by(journal));
    assertEquals(EntryId.NONE, repairs.begun.kept());
    journal.resetTo(new EntryId(3, 350));
    journal.close();
    assertEquals(new Held(351, new EntryId(3, 350), List.of()), fixture.held());
  }

  @Test
  void aLogThatIsGoneIsMarked() throws IOException {
    SegmentedJournal journal = fixture.openRepaired(repairs);
    assertEquals(new Repair(EntryId.NONE, 0), repairs.begun);
    assertEquals(EntryId.NONE, journal.last());
    journal.close();
  }

  @Test
  void anotherMembersLogIsNotRepaired() throws IOException {
    written(50);
    damage(20);
    JournalOptions own = JournalFixture.options(false);
    JournalOptions others =
        new JournalOptions(
            Bytes.utf8("n2"), own.firstSegmentBytes(), own.segmentBytes(), 4 << 10, false);
    SegmentStore store = fixture.disk.open();
    assertThrows(
        ForeignJournalException.class,
        () ->
            SegmentedJournal.openRepaired(
                store, others, Runnable::run, () -> 0L, repairs, JournalFixture.ALLOWED));
    assertNull(repairs.begun);
    assertThrows(DamagedJournalException.class, fixture::recovered);
  }

  /** Of a log with a compacted beginning, superseded entries and several starts. */
  private ExpectedLog eventful() throws IOException {
    SegmentedJournal journal = fixture.open();
    journal.append(entries(1, 20, 1, 500));
    journal.resetTo(new EntryId(2, 100));
    journal.append(entries(101, 300, 2, 700));
    journal.close();
    journal = fixture.open();
    journal.truncateFrom(290);
    journal.append(entries(290, 400, 3, 700));
    journal.force();
    journal.compactTo(200);
    fixture.kill(journal);
    journal = fixture.open();
    journal.append(entries(401, 420, 4, 300));
    journal.close();
    List<Entry> entries = new ArrayList<>(entries(101, 289, 2, 700));
    entries.addAll(entries(290, 400, 3, 700));
    entries.addAll(entries(401, 420, 4, 300));
    ExpectedLog expected = ExpectedLog.after(new EntryId(2, 100)).with(entries).compactedTo(200);
    expected.assertHeld(fixture.held(), "before any damage");
    return expected;
  }

  /** Whether it is the log at some moment: as it is, or before the supersession. */
  private static boolean isPrefix(Held held, ExpectedLog expected) {
    long last = held.last().index();
    if (held.entries().isEmpty()) {
      return true;
    }
    List<Entry> once = entries(101, 300, 2, 700);
    List<Entry> before =
        last > 300 ? List.of() : once.subList((int) held.first() - 101, (int) last - 100);
    boolean now =
        last <= expected.last().index()
            && held.entries()
                .equals(expected.from(held.first()).subList(0, (int) (last - held.first() + 1)));
    return now || held.entries().equals(before);
  }

  @Test
  void anyFlippedBitIsHarmlessOrMarkedAndWhatIsKeptWasWritten() throws IOException {
    int marked = 0;
    for (long seed = 1; seed <= flips(); seed++) {
      makeDisk();
      ExpectedLog expected = eventful();
      Random random = new Random(seed);
      long[] segments = fixture.disk.open().list();
      long segment = segments[random.nextInt(segments.length)];
      int length = fixture.disk.bytes(segment).length;
      if (random.nextInt(8) == 0) {
        fixture.disk.truncate(segment, random.nextInt(length));
      } else {
        fixture.flip(segment, random.nextInt(length), random.nextInt(8));
      }
      String context = "seed " + seed;
      boolean refused = false;
      try {
        expected.assertHeld(fixture.held(), context);
      } catch (DamagedJournalException e) {
        refused = true;
      }
      SegmentedJournal journal = fixture.openRepaired(repairs);
      assertEquals(refused, repairs.begun != null, context);
      assertTrue(isPrefix(Held.by(journal), expected), context);
      boolean whole = journal.firstIndex() <= expected.firstKept();
      assertTrue(whole || journal.last().equals(EntryId.NONE), context);
      if (!refused) {
        expected.assertHeld(Held.by(journal), context);
      }
      journal.close();
      marked += refused ? 1 : 0;
      assertFalse(Held.by(fixture.openRepaired(new MemoryRepairs())).last().index() > 420);
    }
    assertTrue(marked > flips() / 5, "damage that matters: " + marked);
  }

  /** How many are flipped, each in a new log. */
  protected int flips() {
    return 40;
  }
}
