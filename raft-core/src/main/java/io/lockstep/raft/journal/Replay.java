package io.lockstep.raft.journal;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import java.io.IOException;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the records of all segments in order, as {@link JournalRecovery} rules, and
 * remembers what they add up to.
 */
final class Replay {
  private final SegmentStore store;
  private final RecordCodec codec;
  private final EntryTable entries = new EntryTable();
  private final NavigableMap<Long, Long> entriesBefore = new TreeMap<>();
  private long lastSequence;
  private long chain;
  private boolean begun;
  private long lastSegmentWithContent;
  private long seenUpTo;

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

  /** For each segment the index of the last entry before it, as its header says. */
  NavigableMap<Long, Long> entriesBefore() {
    return entriesBefore;
  }

  EntryTable entries() {
    return entries;
  }

  Sum sum() {
    return new Sum(lastSequence, chain);
  }

  /** The highest index that any record tells of, accepted or not. */
  long seenUpTo() {
    return seenUpTo;
  }

  /**
   * The number of the newest segment that says more than that nothing follows: it has an entry,
   * superseded or not, or tells where the log begins; 0 for none.
   */
  long lastSegmentWithContent() {
    return lastSegmentWithContent;
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
      seenUpTo = Math.max(seenUpTo, record.index());
      boolean rises = limit == Long.MAX_VALUE && record.covered() > evidence;
      evidence = rises ? record.covered() : evidence;
      if (record.sequence() > limit) {
        continue;
      }
      if (record.type() == JournalRecord.Type.HEADER) {
        begin(segment, scan, record);
      } else if (!begun && limit != Long.MAX_VALUE) {
        throw new DamagedJournalException(
            store.describe(segment.number()), 0, "its beginning is lost");
      }
      whole &= record.sequence() == lastSequence + 1;
      if (whole) {
        accept(segment, scan, record);
        unprovenFrom = rises ? scan.position() : unprovenFrom;
      }
    }
  }

  /** Decides on what is missing after the last segment. */
  void demandWhole() throws DamagedJournalException {
    if (lastSequence < evidence) {
      throw missing(evidence);
    }
  }

  /** Makes durable what was accepted. */
  void settle() throws IOException {
    if (lastSegment != null) {
      lastSegment.rewrite(unprovenFrom, lastEnd);
    }
  }

  /** Takes the log's beginning from the first header; checks that any other one goes on. */
  private void begin(Segment segment, RecordScan scan, JournalRecord record) throws IOException {
    String place = store.describe(segment.number());
    SegmentHeader header = SegmentHeader.decode(scan.payload());
    long previous = record.sequence() - 1;
    EntryId last = new EntryId(record.term(), record.index());
    if (!begun) {
      begun = true;
      lastSequence = previous;
      chain = header.chain();
      entries.restart(last);
      lastSegmentWithContent = header.reset() || previous > 0 ? segment.number() : 0;
    }
    if (previous > lastSequence) {
      throw missing(previous);
    }
    if (previous < lastSequence || header.chain() != chain) {
      throw new DamagedJournalException(
          place, scan.position(), "it does not continue the segments before it");
    }
    if (!endedAt(last)) {
      throw new DamagedJournalException(
          place, scan.position(), "it continues another entry than " + entries.last());
    }
    entriesBefore.put(segment.number(), last.index());
    unprovenFrom = scan.position();
  }

  /**
   * Whether {@code last} could be the last entry when a segment was begun: what is above it had
   * been truncated.
   *
   * <p>It may lie below the first entry. Then what compaction has left begins with entries that
   * were superseded from there on; it would not have removed what lies below, had that not been in
   * a snapshot.
   */
  private boolean endedAt(EntryId last) {
    long before = entries.first() - 1;
    if (last.index() < before || last.index() == before && entries.term(before) == 0) {
      entries.restart(last);
    }
    return last.index() <= entries.last().index() && entries.term(last.index()) == last.term();
  }

  private void accept(Segment segment, RecordScan scan, JournalRecord record) throws IOException {
    if (record.type() == JournalRecord.Type.ENTRY) {
      supersede(segment, scan, record);
      lastSegmentWithContent = segment.number();
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
    boolean known = index >= entries.first() && index <= entries.last().index() + 1;
    long previousTerm = known ? entries.term(index - 1) : 0;
    if (index < 1
        || index > entries.last().index() + 1
        || record.term() < Math.max(1, previousTerm)) {
      throw new DamagedJournalException(
          store.describe(segment.number()),
          scan.position(),
          "entry " + index + " of term " + record.term() + " does not follow " + entries.last());
    }
    if (known) {
      entries.truncateFrom(index);
    } else {
      // As in endedAt; the term before it is in no record that is left, and in the snapshot.
      entries.restart(new EntryId(0, index - 1));
    }
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
