package io.lockstep.raft.journal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a start makes of the segments it finds.
 *
 * <h2>The rule</h2>
 *
 * Records are numbered without holes over the log's whole life. A record that is missing or harmed
 * was either never forced, by a crash in the middle (a torn tail), or forced and lost since
 * (damage). Which of the two is told by what other records say:
 *
 * <ul>
 *   <li>Every segment's header states the sequence number before it. All up to there was forced
 *       before the header was written, and all above it in older segments was cut by the start that
 *       wrote it.
 *   <li>Every other record states the highest sequence number that a force had covered. The highest
 *       such number counts wherever it is found, behind a hole too.
 * </ul>
 *
 * <h2>Where the log begins</h2>
 *
 * With the newest header that says so ({@link SegmentHeader#reset}): older segments are only what a
 * crash left to be deleted. Else with the oldest header: what came before it was compacted, or is
 * lost. No record can tell which, but {@link io.lockstep.raft.storage.LogStore#firstIndex} and the
 * snapshot together do.
 *
 * <h2>What was lost</h2>
 *
 * A record missing up to that number is damage: the start is refused. From the first one missing
 * above it on, everything is cut, intact records behind a hole included: none of it was
 * acknowledged.
 *
 * <h2>What stays ambiguous</h2>
 *
 * A force is stated only by what is written after it: the next batch, or the mark that follows when
 * the writer falls idle. That mark is not forced. So if a power cut comes between a force and the
 * moment at which the mark reaches the disk, and on top of it the disk damages that very last
 * forced batch, then this looks like a torn tail and is cut. The same holds when damage takes the
 * last batches together with <em>every</em> record after them, marks included (a tail overwritten
 * with zeroes, or one bad sector that holds them all): what would tell is gone as well. A shutdown
 * in order forces its last mark, which leaves only the second case. Loss of the whole last
 * segment's contents, header included, right after a start is the same case.
 */
final class JournalRecovery {
  private final SegmentStore store;
  private final RecordCodec codec;
  private final JournalOptions options;

  JournalRecovery(SegmentStore store, RecordCodec codec, JournalOptions options) {
    this.store = store;
    this.codec = codec;
    this.options = options;
  }

  /**
   * What was recovered.
   *
   * @param outdated the numbers of those from before the log's beginning, closed, to be deleted
   * @param segments all that are to be kept, open, by number
   * @param superfluous the numbers of the others: without any entry, closed, to be deleted once the
   *     header of a next segment is durable
   * @param nextNumber higher than any number seen
   * @param entries all live entries
   * @param entriesBefore for each segment the index of the last entry before it
   * @param sum of the records in the segments that are kept
   */
  record Recovered(
      List<Long> outdated,
      NavigableMap<Long, Segment> segments,
      List<Long> superfluous,
      long nextNumber,
      EntryTable entries,
      NavigableMap<Long, Long> entriesBefore,
      Replay.Sum sum) {}

  /**
   * Reads the log. All that it returns is durable.
   *
   * @throws DamagedJournalException if something is missing that was forced
   * @throws ForeignJournalException if this is another member's log or a later version's
   */
  Recovered recover() throws IOException {
    TreeMap<Long, Segment> segments = new TreeMap<>();
    try {
      for (long number : store.list()) {
        segments.put(number, store.open(number));
      }
      return recover(segments);
    } catch (IOException | RuntimeException | Error e) {
      for (Segment segment : segments.values()) {
        segment.close();
      }
      throw e;
    }
  }

  private Recovered recover(NavigableMap<Long, Segment> segments) throws IOException {
    long nextNumber = segments.isEmpty() ? 1 : segments.lastKey() + 1;
    NavigableMap<Long, Long> limits = limits(segments);
    List<Segment> outdated =
        limits.isEmpty()
            ? List.of()
            : List.copyOf(segments.headMap(limits.firstKey(), false).values());
    List<Long> outdatedNumbers = close(outdated, segments);
    Replay replay = new Replay(store, codec);
    Replay.Sum sum = replay.sum();
    List<Segment> empty = new ArrayList<>();
    List<Segment> withoutEntries = new ArrayList<>();
    for (Segment segment : segments.values()) {
      Replay.Sum before = replay.sum();
      replay.read(segment, limits.getOrDefault(segment.number(), Long.MAX_VALUE));
      if (replay.sum().equals(before)) {
        empty.add(segment);
      } else if (replay.lastSegmentWithContent() < segment.number()) {
        withoutEntries.add(segment);
      } else {
        withoutEntries.clear();
        sum = replay.sum();
      }
    }
    replay.finish();

    empty.addAll(withoutEntries);
    List<Long> superfluous = close(empty, segments);
    return new Recovered(
        outdatedNumbers,
        segments,
        superfluous,
        nextNumber,
        replay.entries(),
        replay.entriesBefore(),
        sum);
  }

  private static List<Long> close(List<Segment> some, NavigableMap<Long, Segment> segments)
      throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (Segment segment : some) {
      numbers.add(segment.number());
      segments.remove(segment.number());
      segment.close();
    }
    return numbers;
  }

  /**
   * For each segment in which the log may lie: the sequence number up to which newer headers let it
   * count. Older ones than the newest reset are left out, and not even looked at.
   */
  private NavigableMap<Long, Long> limits(NavigableMap<Long, Segment> segments) throws IOException {
    NavigableMap<Long, Long> limits = new TreeMap<>();
    long limit = Long.MAX_VALUE;
    for (Segment segment : segments.descendingMap().values()) {
      if (segment.length() < JournalOptions.BLOCK_BYTES_MIN) {
        throw new DamagedJournalException(
            store.describe(segment.number()), segment.length(), "the segment was cut short");
      }
      limits.put(segment.number(), limit);
      RecordScan scan = new RecordScan(segment, codec);
      if (scan.next() && scan.record().type() == JournalRecord.Type.HEADER) {
        SegmentHeader header = checkHeader(segment, scan);
        long sequence = scan.record().sequence();
        if (header.reset() && sequence <= limit) {
          return limits;
        }
        limit = Math.min(limit, sequence - 1);
      }
    }
    if (limit == Long.MAX_VALUE && !options.mayBeNew()) {
      throw new DamagedJournalException(
          store.describe(segments.isEmpty() ? 1 : segments.firstKey()), 0, "no segment is left");
    }
    return limits;
  }

  private SegmentHeader checkHeader(Segment segment, RecordScan scan) throws IOException {
    String place = store.describe(segment.number());
    SegmentHeader header;
    try {
      header = SegmentHeader.decode(scan.payload());
    } catch (SegmentHeader.UnknownVersion e) {
      throw new ForeignJournalException(
          place + " was written by a later version: " + e.getMessage());
    }
    if (!header.owner().equals(options.owner())) {
      throw new ForeignJournalException(place + " belongs to another member or data directory");
    }
    if (segment.length() < header.length()) {
      throw new DamagedJournalException(
          place, segment.length(), "cut short, it had " + header.length() + " bytes");
    }
    return header;
  }
}
