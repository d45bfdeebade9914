package io.lockstep.raft.journal;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Numbers records, gathers them and appends them to the current segment. Keeps the book of what was
 * written and forced.
 */
final class SegmentWriter {
  private static final int MARK_BYTES = RecordCodec.HEAD_BYTES;

  /** What entries leave free: a mark, and what a store needs to append it. */
  private static final int MARK_ROOM_BYTES = 2 * MARK_BYTES;

  private static final int GATHERED_RECORDS_MAX = 1024;

  private final JournalOptions options;
  private final RecordCodec codec;
  private final EntryTable entries;
  private final byte[] gathered;
  private final int[] entryAt = new int[GATHERED_RECORDS_MAX];
  private final long[] entryTerm = new long[GATHERED_RECORDS_MAX];
  private int gatheredBytes;
  private int gatheredEntries;

  private @Nullable AppendableSegment segment;
  private long lastSequence;
  private long chain;

  /** The highest sequence number that a force has covered. */
  private long forced;

  /** Up to here records other than marks were written. */
  private long lastWritten;

  /** The highest value of {@link #forced} that a record states. */
  private long stated;

  SegmentWriter(
      JournalOptions options, RecordCodec codec, EntryTable entries, Replay.Sum recovered) {
    this.options = options;
    this.codec = codec;
    this.entries = entries;
    this.gathered = new byte[options.recordBytesMax() + (256 << 10)];
    this.lastSequence = recovered.lastSequence();
    this.chain = recovered.chain();
    this.forced = lastSequence;
    this.lastWritten = lastSequence;
    this.stated = lastSequence;
  }

  boolean isOpen() {
    return segment != null;
  }

  /** Whether the current segment has room for one more entry, and a mark after it. */
  boolean fits(Entry entry) {
    AppendableSegment current = segment;
    int size = RecordCodec.sizeOf(entry.payload().length());
    Invariant.check(
        size <= options.recordBytesMax(), "an entry fits a record", size, entry.index());
    return current != null && gatheredBytes + size + MARK_ROOM_BYTES <= current.remaining();
  }

  /** Adds an entry that {@link #fits}; it reaches the segment with the next {@link #flush}. */
  void add(Entry entry) throws IOException {
    int size = RecordCodec.sizeOf(entry.payload().length());
    if (gatheredBytes + size > gathered.length || gatheredEntries == GATHERED_RECORDS_MAX) {
      flush();
    }
    EntryId last = entries.last();
    long index = last.index() + gatheredEntries + 1;
    long term = gatheredEntries == 0 ? last.term() : entryTerm[gatheredEntries - 1];
    Invariant.check(entry.index() == index, "entries have no gap", entry.index(), index);
    Invariant.check(entry.term() >= term, "terms rise", entry.term(), term);
    entryAt[gatheredEntries] = gatheredBytes;
    entryTerm[gatheredEntries++] = entry.term();
    gather(
        JournalRecord.Type.ENTRY,
        entry.kind().code(),
        entry.id(),
        entry.clusterTimeMillis(),
        entry.payload());
  }

  /** Appends what was gathered to the segment. */
  void flush() throws IOException {
    if (gatheredBytes == 0) {
      return;
    }
    AppendableSegment current = Objects.requireNonNull(segment);
    int base = current.append(ByteBuffer.wrap(gathered, 0, gatheredBytes));
    for (int i = 0; i < gatheredEntries; i++) {
      entries.append(entryTerm[i], current.number(), base + entryAt[i]);
    }
    gatheredBytes = 0;
    gatheredEntries = 0;
  }

  /** Returns when all that was appended is durable. */
  void force() throws IOException {
    flush();
    if (lastWritten > forced) {
      forceAll();
    }
  }

  /** Appends a mark, unless all that was forced is stated already. */
  void mark() throws IOException {
    flush();
    if (segment != null && stated < forced && segment.remaining() >= MARK_BYTES) {
      long written = lastWritten;
      gather(JournalRecord.Type.MARK, 0, EntryId.NONE, 0, Bytes.EMPTY);
      flush();
      lastWritten = written;
    }
  }

  /** Goes on in {@code started}, after all that the segment before it holds is durable. */
  void begin(AppendableSegment started) throws IOException {
    flush();
    begin(started, false);
  }

  /** Drops all entries and goes on after {@code last}, in {@code started}. */
  void beginAfter(EntryId last, AppendableSegment started) throws IOException {
    flush();
    entries.restart(last);
    begin(started, true);
  }

  private void begin(AppendableSegment started, boolean reset) throws IOException {
    forceAll();
    if (segment != null) {
      segment.seal();
    }
    segment = started;
    SegmentHeader header = new SegmentHeader(reset, started.length(), chain, options.owner());
    gather(JournalRecord.Type.HEADER, 0, entries.last(), 0, header.encode());
  }

  /** Leaves a forced mark behind, by which the next start knows that nothing is missing. */
  void close() throws IOException {
    force();
    mark();
    forceAll();
  }

  /** Forces marks too, which by themselves are not worth it. */
  private void forceAll() throws IOException {
    if (segment != null && lastSequence > forced) {
      segment.force();
      forced = lastSequence;
    }
  }

  private void gather(
      JournalRecord.Type type, int kindCode, EntryId id, long clusterTimeMillis, Bytes payload) {
    long number = Objects.requireNonNull(segment).number();
    lastSequence++;
    JournalRecord record =
        new JournalRecord(
            type, kindCode, number, lastSequence, forced, id.index(), id.term(), clusterTimeMillis);
    int crc = codec.encode(record, payload, gathered, gatheredBytes);
    chain = RecordCodec.chain(chain, crc);
    gatheredBytes += RecordCodec.sizeOf(payload.length());
    lastWritten = lastSequence;
    stated = forced;
  }
}
