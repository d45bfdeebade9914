package io.lockstep.raft.journal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
 *
 * <h2>Repair</h2>
 *
 * Asked to repair, it keeps the records before the first that is missing or harmed, and says what
 * was wrong. What it keeps is the log as it was at some earlier moment: entries that had been
 * superseded may be among it, as in a log that is behind. A segment that is too short is left out
 * as a whole, since nothing must be written into it.
 */
final class JournalRecovery {
  private final SegmentStore store;
  private final RecordCodec codec;
  private final JournalOptions options;
  private final boolean repairs;

  /** Segments that are gone or too short, and so of no use. */
  private final NavigableMap<Long, DamagedJournalException> broken = new TreeMap<>();

  /** The segment of the newest reset; what is older does not count. */
  private long start;

  private @Nullable DamagedJournalException damage;

  /** Whether damage is repaired, or thrown. */
  JournalRecovery(SegmentStore store, RecordCodec codec, JournalOptions options, boolean repairs) {
    this.store = store;
    this.codec = codec;
    this.options = options;
    this.repairs = repairs;
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
   * @param damage what was found, and repaired; null if nothing
   * @param seenUpTo the highest index that any record tells of
   */
  record Recovered(
      List<Long> outdated,
      NavigableMap<Long, Segment> segments,
      List<Long> superfluous,
      long nextNumber,
      EntryTable entries,
      NavigableMap<Long, Long> entriesBefore,
      Replay.Sum sum,
      @Nullable DamagedJournalException damage,
      long seenUpTo) {}

  /**
   * Reads the log. All that it returns is durable.
   *
   * @throws DamagedJournalException if something is missing that was forced, unless it repairs
   * @throws ForeignJournalException if this is another member's log or a later version's
   */
  Recovered recover() throws IOException {
    TreeMap<Long, Segment> segments = new TreeMap<>();
    try {
      long nextNumber = 1;
      for (long number : store.list()) {
        nextNumber = number + 1;
        try {
          segments.put(number, store.open(number));
        } catch (DamagedJournalException e) {
          broken.put(number, e);
        }
      }
      return recover(segments, nextNumber);
    } catch (IOException | RuntimeException | Error e) {
      for (Segment segment : segments.values()) {
        segment.close();
      }
      throw e;
    }
  }

  private Recovered recover(NavigableMap<Long, Segment> segments, long nextNumber)
      throws IOException {
    NavigableMap<Long, Long> limits = limits(segments);
    List<Long> outdated = close(List.copyOf(segments.headMap(start).values()), segments);
    outdated.addAll(broken.headMap(start).keySet());
    broken.headMap(start).clear();
    long end = Long.MAX_VALUE;
    if (!broken.isEmpty()) {
      end = broken.firstKey();
      found(broken.firstEntry().getValue());
    }

    Replay replay = new Replay(store, codec);
    Replay.Sum sum = replay.sum();
    List<Segment> unused = new ArrayList<>();
    List<Segment> withoutEntries = new ArrayList<>();
    for (Segment segment : segments.values()) {
      Replay.Sum before = replay.sum();
      long limit = limits.getOrDefault(segment.number(), Long.MAX_VALUE);
      if (segment.number() < end && !readsToItsEnd(replay, segment, limit)) {
        end = segment.number();
      }
      if (replay.sum().equals(before)) {
        unused.add(segment);
      } else if (replay.lastSegmentWithContent() < segment.number()) {
        withoutEntries.add(segment);
      } else {
        withoutEntries.clear();
        sum = replay.sum();
      }
    }
    if (damage == null) {
      demandWhole(replay);
    }
    replay.settle();

    unused.addAll(withoutEntries);
    List<Long> superfluous = close(unused, segments);
    superfluous.addAll(broken.keySet());
    return new Recovered(
        outdated,
        segments,
        superfluous,
        nextNumber,
        replay.entries(),
        replay.entriesBefore(),
        sum,
        damage,
        replay.seenUpTo());
  }

  /** Damage is what ends the start, or the log. */
  private void found(DamagedJournalException found) throws DamagedJournalException {
    if (!repairs) {
      throw found;
    }
    damage = found;
  }

  private boolean readsToItsEnd(Replay replay, Segment segment, long limit) throws IOException {
    try {
      replay.read(segment, limit);
      return true;
    } catch (DamagedJournalException e) {
      found(e);
      return false;
    }
  }

  private void demandWhole(Replay replay) throws DamagedJournalException {
    try {
      replay.demandWhole();
    } catch (DamagedJournalException e) {
      found(e);
    }
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
    for (Segment segment : List.copyOf(segments.descendingMap().values())) {
      RecordScan scan = new RecordScan(segment, codec);
      boolean begins = scan.next() && scan.record().type() == JournalRecord.Type.HEADER;
      SegmentHeader header = begins ? header(segment, scan) : null;
      if (isTooShort(segment, header)) {
        segments.remove(segment.number());
        segment.close();
        continue;
      }
      limits.put(segment.number(), limit);
      if (header != null) {
        long sequence = scan.record().sequence();
        if (header.reset() && sequence <= limit) {
          start = segment.number();
          return limits;
        }
        limit = Math.min(limit, sequence - 1);
      }
    }
    if (limit == Long.MAX_VALUE && !options.mayBeNew() && broken.isEmpty()) {
      found(
          new DamagedJournalException(
              store.describe(segments.isEmpty() ? 1 : segments.firstKey()),
              0,
              "no segment is left"));
    }
    return limits;
  }

  private boolean isTooShort(Segment segment, @Nullable SegmentHeader header) throws IOException {
    long length = segment.length();
    long least = header == null ? JournalOptions.BLOCK_BYTES_MIN : header.length();
    if (length >= least) {
      return false;
    }
    broken.put(
        segment.number(),
        new DamagedJournalException(
            store.describe(segment.number()), length, "cut short, it had " + least + " bytes"));
    return true;
  }

  private SegmentHeader header(Segment segment, RecordScan scan) throws IOException {
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
    return header;
  }
}
