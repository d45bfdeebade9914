package io.lockstep.raft.journal;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the records of all segments in order, as {@link JournalRecovery} rules, and
 * remembers what they add up to.
 */
final class Replay {
  private final SegmentStore store;
  private final RecordCodec codec;
  private final EntryTable entries = new EntryTable();
  private long lastSequence;
  private long chain;
  private long lastSegmentWithEntries;

  /** The highest sequence number that a record, not limited by a later header, states as forced. */
  private long evidence;

  private @Nullable Segment lastSegment;
  private int lastEnd;

  /**
   * From where on in the last segment records may have been accepted that no record states as
   * forced.
   */
  private int unprovenFrom;

  /** What the records up to some place add up to: the last one's number, and the chain hash. */
  record Sum(long lastSequence, long chain) {}

  Replay(SegmentStore store, RecordCodec codec) {
    this.store = store;
    this.codec = codec;
  }

  EntryTable entries() {
    return entries;
  }

  Sum sum() {
    return new Sum(lastSequence, chain);
  }

  /** The number of the newest segment with an entry in it, superseded or not; 0 for none. */
  long lastSegmentWithEntries() {
    return lastSegmentWithEntries;
  }

  /**
   * Takes in the next segment.
   *
   * @param limit the sequence number after which a later start has cut it; {@link Long#MAX_VALUE}
   *     if none has
   */
  void read(Segment segment, long limit) throws IOException {
    RecordScan scan = new RecordScan(segment, codec);
    boolean whole = true;
    while (scan.next()) {
      JournalRecord record = scan.record();
      boolean rises = limit == Long.MAX_VALUE && record.covered() > evidence;
      evidence = rises ? record.covered() : evidence;
      if (record.sequence() > limit) {
        continue;
      }
      if (record.type() == JournalRecord.Type.HEADER) {
        begin(segment, scan, record);
      }
      whole &= record.sequence() == lastSequence + 1;
      if (whole) {
        accept(segment, scan, record);
        unprovenFrom = rises ? scan.position() : unprovenFrom;
      }
    }
  }

  /** Decides on what is missing, and makes durable what is not. */
  void finish() throws IOException {
    if (lastSequence < evidence) {
      throw missing(evidence);
    }
    if (lastSegment != null) {
      lastSegment.rewrite(unprovenFrom, lastEnd);
    }
  }

  /** Checks that the segment goes on where the records before it ended. */
  private void begin(Segment segment, RecordScan scan, JournalRecord record) throws IOException {
    String place = store.describe(segment.number());
    long previous = record.sequence() - 1;
    if (previous > lastSequence) {
      throw missing(previous);
    }
    if (previous < lastSequence || SegmentHeader.decode(scan.payload()).chain() != chain) {
      throw new DamagedJournalException(
          place, scan.position(), "it does not continue the segments before it");
    }
    EntryId last = entries.last();
    if (record.index() > last.index() || record.term() != entries.term(record.index())) {
      throw new DamagedJournalException(
          place, scan.position(), "it continues another entry than " + last);
    }
    unprovenFrom = scan.position();
  }

  private void accept(Segment segment, RecordScan scan, JournalRecord record) throws IOException {
    if (record.type() == JournalRecord.Type.ENTRY) {
      supersede(segment, scan, record);
      lastSegmentWithEntries = segment.number();
    }
    lastSequence = record.sequence();
    chain = RecordCodec.chain(chain, scan.checksum());
    lastSegment = segment;
    lastEnd = scan.end();
  }

  private void supersede(Segment segment, RecordScan scan, JournalRecord record)
      throws IOException {
    checkKind(segment, record);
    long index = record.index();
    if (index < 1
        || index > entries.last().index() + 1
        || record.term() < Math.max(1, entries.term(index - 1))) {
      throw new DamagedJournalException(
          store.describe(segment.number()),
          scan.position(),
          "entry " + index + " of term " + record.term() + " does not follow " + entries.last());
    }
    entries.truncateFrom(index);
    entries.append(record.term(), segment.number(), scan.position());
  }

  private void checkKind(Segment segment, JournalRecord record) throws ForeignJournalException {
    try {
      EntryKind.ofCode(record.kindCode());
    } catch (IllegalArgumentException e) {
      throw new ForeignJournalException(
          store.describe(segment.number()) + " was written by a later version: " + e.getMessage());
    }
  }

  private DamagedJournalException missing(long forced) {
    String place = store.describe(lastSegment == null ? 1 : lastSegment.number());
    return new DamagedJournalException(
        place,
        lastEnd,
        "record " + (lastSequence + 1) + " is missing, and all up to " + forced + " were forced");
  }
}
