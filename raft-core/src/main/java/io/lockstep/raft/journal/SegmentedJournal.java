package io.lockstep.raft.journal;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.RecoveredLog;
import io.lockstep.raft.storage.LogStore;
import io.lockstep.raft.storage.Repair;
import io.lockstep.raft.storage.RepairStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The durable log in segments. Every start opens a new one: what an earlier process wrote is only
 * ever read. Owned by the log thread; only the making of the next segment runs elsewhere.
 *
 * <h2>Durability</h2>
 *
 * An entry is durable when the {@link #force} after its append has returned. A segment is forced
 * whole before the header of the next one is written. {@link JournalRecovery} says what a start
 * makes of what it finds, and what stays ambiguous.
 *
 * <h2>Compaction</h2>
 *
 * Whole segments are deleted, each only when none of its live entries must be kept, and strictly
 * from the oldest on: an entry that was superseded must not outlive what superseded it. A reset
 * begins a segment whose header says that the log goes on elsewhere; when it is durable, all older
 * ones are deleted, by the next start if need be.
 *
 * <h2>No room</h2>
 *
 * While entries go into one segment, the next is prepared with real blocks. If there is no room for
 * it, what is left of the current one is the reserve ({@link Room#RESERVE}); when that is used up,
 * {@link #append} takes nothing more ({@link Room#NONE}) until an attempt to make room, at most one
 * a second, has succeeded.
 */
public final class SegmentedJournal implements LogStore {
  private static final int READ_BYTES = 1 << 20;
  private static final long RETRY_NANOS = 1_000_000_000L;

  private final SegmentStore store;
  private final JournalOptions options;
  private final Executor background;
  private final LongSupplier nanoTime;
  private final NavigableMap<Long, Segment> segments;
  private final EntryTable entries;

  /** For each segment the index of the last entry before it. */
  private final NavigableMap<Long, Long> entriesBefore;

  private final JournalReader reader;
  private final SegmentWriter writer;
  private long nextNumber;
  private Preparation next;
  private long preparedAtNanos;
  private boolean refused;

  /** Whether the last segment that was tried found no room: true until another has. */
  private boolean lacking;

  /** Whether entries were truncated that a start would still find. */
  private boolean truncated;

  private boolean failed;

  private SegmentedJournal(
      SegmentStore store,
      JournalOptions options,
      Executor background,
      LongSupplier nanoTime,
      RecordCodec codec,
      JournalRecovery.Recovered recovered) {
    this.store = store;
    this.options = options;
    this.background = background;
    this.nanoTime = nanoTime;
    this.segments = recovered.segments();
    this.entries = recovered.entries();
    this.entriesBefore = recovered.entriesBefore();
    this.reader = new JournalReader(store, codec, segments, entries);
    this.writer = new SegmentWriter(options, codec, entries, recovered.sum());
    this.nextNumber = recovered.nextNumber();
    this.next = prepare(options.firstSegmentBytes());
  }

  /**
   * Recovers the log and opens a segment for what comes. When it returns, all that {@link #last}
   * and {@link #read} show is durable.
   *
   * @param background runs the making of the next segment: one task at a time, some 100 ms of disk
   *     work; may run it at once, on the calling thread
   * @param nanoTime a monotonic clock, to space out the attempts to make room
   * @throws DamagedJournalException if something is missing that was forced
   * @throws ForeignJournalException if this is another member's log or a later version's
   * @throws NoSpaceException if a log that is new has no room for its first segment
   */
  public static SegmentedJournal open(
      SegmentStore store, JournalOptions options, Executor background, LongSupplier nanoTime)
      throws IOException {
    RecordCodec codec = new RecordCodec(options.owner());
    return begin(
        new JournalRecovery(store, codec, options, false).recover(),
        store,
        options,
        background,
        nanoTime);
  }

  /**
   * As {@link #open}, but a log that is damaged loses what follows the damage, if {@code policy}
   * allows it and after {@code repairs} has made durable that it does. Only for a node that has
   * peers to bring it up again, and that takes part in no election meanwhile; see {@link Repair}.
   *
   * @throws ForeignJournalException if this is another member's log or a later version's
   */
  public static SegmentedJournal openRepaired(
      SegmentStore store,
      JournalOptions options,
      Executor background,
      LongSupplier nanoTime,
      RepairStore repairs,
      RepairPolicy policy)
      throws IOException {
    RecordCodec codec = new RecordCodec(options.owner());
    JournalRecovery.Recovered recovered =
        new JournalRecovery(store, codec, options, true).recover();
    DamagedJournalException damage = recovered.damage();
    if (damage != null) {
      try {
        policy.allow(damage, memberships(recovered, store, codec));
        // Before anything is cut: without the mark the next start would find a log that is whole.
        repairs.begin(new Repair(recovered.entries().last(), recovered.seenUpTo()));
      } catch (IOException e) {
        for (Segment segment : recovered.segments().values()) {
          segment.close();
        }
        throw e;
      }
    }
    return begin(recovered, store, options, background, nanoTime);
  }

  private static List<Entry> memberships(
      JournalRecovery.Recovered recovered, SegmentStore store, RecordCodec codec)
      throws IOException {
    EntryTable kept = recovered.entries();
    JournalReader reader = new JournalReader(store, codec, recovered.segments(), kept);
    List<Entry> found = new ArrayList<>();
    long end = kept.last().index() + 1;
    for (long next = kept.first(); next < end; ) {
      List<Entry> read = reader.read(next, end, READ_BYTES);
      found.addAll(RecoveredLog.membershipsOf(read));
      next = read.getLast().index() + 1;
    }
    return found;
  }

  private static SegmentedJournal begin(
      JournalRecovery.Recovered recovered,
      SegmentStore store,
      JournalOptions options,
      Executor background,
      LongSupplier nanoTime)
      throws IOException {
    RecordCodec codec = new RecordCodec(options.owner());
    SegmentedJournal journal =
        new SegmentedJournal(store, options, background, nanoTime, codec, recovered);
    try {
      journal.begin(recovered);
      return journal;
    } catch (IOException e) {
      journal.failed = true;
      journal.close();
      throw e;
    }
  }

  private void begin(JournalRecovery.Recovered recovered) throws IOException {
    for (long number : recovered.outdated()) {
      store.delete(number);
    }
    if (!roll()) {
      if (segments.isEmpty()) {
        throw new NoSpaceException("no space for the log in " + store.describe(1));
      }
      return;
    }
    writer.force();
    for (long number : recovered.superfluous()) {
      store.delete(number);
    }
  }

  @Override
  public EntryId last() {
    return entries.last();
  }

  @Override
  public long firstIndex() {
    return entries.first();
  }

  @Override
  public int segments() {
    return segments.size();
  }

  @Override
  public int append(List<Entry> appended) throws IOException {
    checkUsable();
    try {
      int count = 0;
      for (Entry entry : appended) {
        if (!writer.fits(entry) && !roll()) {
          refused = true;
          break;
        }
        writer.add(entry);
        count++;
      }
      writer.flush();
      truncated &= count == 0;
      return count;
    } catch (IOException e) {
      failed = true;
      throw e;
    }
  }

  @Override
  public void truncateFrom(long fromIndex) throws IOException {
    checkUsable();
    truncated |= fromIndex <= entries.last().index();
    entries.truncateFrom(fromIndex);
  }

  /**
   * {@inheritDoc} Does nothing between a truncation and the next append: until then a start would
   * find what was truncated, perhaps in the only segment left.
   */
  @Override
  public void compactTo(long firstKept) throws IOException {
    checkUsable();
    long last = entries.last().index();
    Invariant.check(firstKept <= last + 1, "what is kept follows on the log", firstKept, last);
    long keptFrom =
        oldestToKeep(
            firstKept > last || entries.isEmpty()
                ? segments.lastKey()
                : entries.segment(Math.max(firstKept, entries.first())));
    if (truncated || segments.firstKey() >= keptFrom) {
      return;
    }
    try {
      // What supersedes must be durable before what was superseded goes.
      writer.force();
      deleteBefore(keptFrom);
      entries.dropBefore(entries.firstIn(keptFrom));
    } catch (IOException e) {
      failed = true;
      throw e;
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws NoSpaceException if there is no room for the segment to begin with
   */
  @Override
  public void resetTo(EntryId last) throws IOException {
    checkUsable();
    try {
      AppendableSegment segment = nextSegment();
      if (segment != null) {
        writer.beginAfter(last, segment);
        goOnIn(segment);
        writer.force();
        deleteBefore(segment.number());
        return;
      }
    } catch (IOException e) {
      failed = true;
      throw e;
    }
    refused = true;
    throw new NoSpaceException("no space to begin the log anew in " + store.describe(nextNumber));
  }

  /**
   * The newest segment, at most {@code needed}, of which the first live entry follows on its
   * header: so the term before the first entry stays known when what supersedes is all that is
   * left.
   */
  private long oldestToKeep(long needed) {
    long number = needed;
    while (number > segments.firstKey()
        && entries.firstIn(number) - 1 != entriesBefore.getOrDefault(number, -1L)) {
      number = segments.lowerKey(number);
    }
    return number;
  }

  /** Deletes the segments before {@code number}, so that at each moment the newest are left. */
  private void deleteBefore(long number) throws IOException {
    while (segments.firstKey() < number) {
      Segment oldest = segments.pollFirstEntry().getValue();
      entriesBefore.remove(oldest.number());
      oldest.close();
      store.delete(oldest.number());
    }
  }

  @Override
  public void force() throws IOException {
    checkUsable();
    try {
      writer.force();
    } catch (IOException e) {
      failed = true;
      throw e;
    }
  }

  @Override
  public void idle() throws IOException {
    checkUsable();
    try {
      writer.mark();
    } catch (IOException e) {
      failed = true;
      throw e;
    }
  }

  @Override
  public List<Entry> read(long from, long toExclusive, int bytesMax) throws IOException {
    checkUsable();
    return reader.read(from, toExclusive, bytesMax);
  }

  @Override
  public List<Entry> tail(int bytesMax) throws IOException {
    checkUsable();
    return reader.tail(bytesMax);
  }

  @Override
  public Room room() throws IOException {
    checkUsable();
    if (next.result() instanceof Preparation.Result.NoSpace
        && nanoTime.getAsLong() - preparedAtNanos >= RETRY_NANOS) {
      next = prepare(options.segmentBytes());
    }
    boolean full = refused || !writer.isOpen();
    return switch (next.result()) {
      case null -> full ? Room.NONE : lacking ? Room.RESERVE : Room.AMPLE;
      case Preparation.Result.Ready _ -> {
        lacking = false;
        yield Room.AMPLE;
      }
      case Preparation.Result.NoSpace _ -> {
        lacking = true;
        yield full ? Room.NONE : Room.RESERVE;
      }
      case Preparation.Result.Failed(IOException cause) -> {
        failed = true;
        throw cause;
      }
    };
  }

  /** Forces what was appended, with a mark that says so, unless an error came before. */
  @Override
  public void close() throws IOException {
    try {
      if (!failed) {
        failed = true;
        writer.close();
      }
    } finally {
      if (next.cancel() instanceof Preparation.Result.Ready(AppendableSegment unused)) {
        segments.put(unused.number(), unused);
      }
      for (Segment segment : segments.values()) {
        segment.close();
      }
      store.close();
    }
  }

  /** Ends the current segment, if there is one, and begins the next; false for want of room. */
  private boolean roll() throws IOException {
    AppendableSegment segment = nextSegment();
    if (segment == null) {
      return false;
    }
    writer.begin(segment);
    goOnIn(segment);
    return true;
  }

  /** What was prepared, made now if need be; null for want of room. */
  private @Nullable AppendableSegment nextSegment() throws IOException {
    return switch (next.finish()) {
      case Preparation.Result.Ready(AppendableSegment segment) -> segment;
      case Preparation.Result.NoSpace _ -> null;
      case Preparation.Result.Failed(IOException cause) -> throw cause;
    };
  }

  private void goOnIn(AppendableSegment segment) {
    segments.put(segment.number(), segment);
    entriesBefore.put(segment.number(), entries.last().index());
    next = prepare(options.segmentBytes());
    refused = false;
    lacking = false;
    truncated = false;
  }

  private Preparation prepare(int blockBytes) {
    Preparation preparation = new Preparation(store, nextNumber++, blockBytes);
    preparedAtNanos = nanoTime.getAsLong();
    background.execute(preparation);
    return preparation;
  }

  private void checkUsable() throws IOException {
    if (failed) {
      throw new IOException("the journal has failed or was closed");
    }
  }
}
