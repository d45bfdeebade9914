package io.lockstep.raft.journal;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.RepairStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Journals of the smallest size on a disk, one process after the other. */
final class JournalFixture {
  static final Bytes OWNER = Bytes.utf8("n1, the first directory");
  static final int RECORD_BYTES_MAX = 4 << 10;

  final JournalDisk disk;
  long nanos;
  FaultyStore store;

  JournalFixture(JournalDisk disk) {
    this.disk = disk;
  }

  /** Any log may be cut. */
  static final RepairPolicy ALLOWED = (damage, memberships) -> {};

  static JournalOptions options(boolean mayBeNew) {
    return new JournalOptions(OWNER, 64 << 10, 64 << 10, RECORD_BYTES_MAX, mayBeNew);
  }

  /** Starts a process. */
  SegmentedJournal open() throws IOException {
    return open(options(true));
  }

  SegmentedJournal open(JournalOptions options) throws IOException {
    store = new FaultyStore(disk.open());
    return SegmentedJournal.open(store, options, Runnable::run, () -> nanos);
  }

  /** Starts a process that repairs its log. */
  SegmentedJournal openRepaired(RepairStore repairs) throws IOException {
    return openRepaired(repairs, ALLOWED);
  }

  SegmentedJournal openRepaired(RepairStore repairs, RepairPolicy policy) throws IOException {
    store = new FaultyStore(disk.open());
    return SegmentedJournal.openRepaired(
        store, options(false), Runnable::run, () -> nanos, repairs, policy);
  }

  /** Ends the process without a word; what it appended was appended. */
  void kill(SegmentedJournal journal) throws IOException {
    store.dead = true;
    try {
      journal.close();
    } catch (IOException e) {
      // A dead process says nothing.
    }
  }

  /** What a log holds. */
  record Held(long first, EntryId last, List<Entry> entries) {
    static Held by(SegmentedJournal journal) throws IOException {
      return new Held(journal.firstIndex(), journal.last(), all(journal));
    }
  }

  /** The entries that a start would find on the disk, which it leaves as it is. */
  List<Entry> recovered() throws IOException {
    return held().entries();
  }

  /** What a start would make of the disk, which it leaves as it is. */
  Held held() throws IOException {
    try (SegmentStore opened = disk.open()) {
      RecordCodec codec = new RecordCodec(OWNER);
      JournalRecovery.Recovered recovered =
          new JournalRecovery(opened, codec, options(true), false).recover();
      try {
        EntryTable entries = recovered.entries();
        JournalReader reader = new JournalReader(opened, codec, recovered.segments(), entries);
        return new Held(
            entries.first(),
            entries.last(),
            entries.isEmpty()
                ? List.of()
                : reader.read(entries.first(), entries.last().index() + 1, Integer.MAX_VALUE));
      } finally {
        for (Segment segment : recovered.segments().values()) {
          segment.close();
        }
      }
    }
  }

  static List<Entry> all(SegmentedJournal journal) throws IOException {
    long first = journal.firstIndex();
    long next = journal.last().index() + 1;
    return first == next ? List.of() : journal.read(first, next, Integer.MAX_VALUE);
  }

  static Entry entry(long index, long term, int payloadBytes) {
    byte[] payload = new byte[payloadBytes];
    new Random(index * 31 + term).nextBytes(payload);
    EntryKind kind = payloadBytes == 0 ? EntryKind.EMPTY : EntryKind.COMMAND;
    return new Entry(index, term, index * 10, kind, Bytes.wrap(payload));
  }

  /** Entries from one index to another, of one term and size. */
  static List<Entry> entries(long from, long toInclusive, long term, int payloadBytes) {
    List<Entry> entries = new ArrayList<>();
    for (long index = from; index <= toInclusive; index++) {
      entries.add(entry(index, term, payloadBytes));
    }
    return entries;
  }

  /** Where a record lies in a segment's bytes. */
  record Place(JournalRecord record, int from, int toExclusive) {
    boolean isEntry(long index) {
      return record.type() == JournalRecord.Type.ENTRY && record.index() == index;
    }
  }

  /** All whole records of a segment. */
  List<Place> records(long number) throws IOException {
    List<Place> places = new ArrayList<>();
    try (SegmentStore opened = disk.open();
        Segment segment = opened.open(number)) {
      RecordScan scan = new RecordScan(segment, new RecordCodec(OWNER));
      while (scan.next()) {
        places.add(new Place(scan.record(), scan.position(), scan.end()));
      }
    }
    return places;
  }

  Place entryPlace(long number, long index) throws IOException {
    return records(number).stream().filter(p -> p.isEntry(index)).findFirst().orElseThrow();
  }

  void zero(long segment, int from, int toExclusive) throws IOException {
    disk.overwrite(segment, from, new byte[toExclusive - from]);
  }

  void flip(long segment, int position, int bit) throws IOException {
    byte[] bytes = Arrays.copyOfRange(disk.bytes(segment), position, position + 1);
    bytes[0] ^= (byte) (1 << bit);
    disk.overwrite(segment, position, bytes);
  }
}
