package io.lockstep.raft.storage;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import java.io.IOException;
import java.util.List;

/**
 * A durable log. Owned by one thread. What was appended is durable only when a later {@link #force}
 * has returned; after any {@link IOException} the store must not be used again, and the node stops.
 */
public interface LogStore extends AutoCloseable {
  /**
   * The id of the last entry. In a log without entries that of the entry before it: what it was
   * reset to, or {@link EntryId#NONE}.
   */
  EntryId last();

  /**
   * The index of the first entry, or of the one to come in a log without entries: 1 until the log
   * is compacted or reset. What lies before it must be in a snapshot. A store cannot tell what it
   * has dropped from what it has lost, so its user compares this with the snapshot at every start.
   */
  long firstIndex();

  /**
   * Appends entries that follow on {@link #last}, as far as there is room.
   *
   * @return how many were appended, from the first on; fewer than given only when there is no
   *     {@link Room}
   */
  int append(List<Entry> entries) throws IOException;

  /** Drops the entries from {@code fromIndex} on. As durable as the next append's force. */
  void truncateFrom(long fromIndex) throws IOException;

  /**
   * Allows the store to drop entries below {@code firstKept}: what a durable snapshot stands for.
   * It drops what it can drop as a whole, perhaps nothing, so that {@link #firstIndex} may stay
   * lower. Forces what was appended before it drops anything.
   *
   * @param firstKept at most the index after {@link #last}
   */
  void compactTo(long firstKept) throws IOException;

  /**
   * Replaces the whole log by one without entries that goes on after {@code last}. Durable when it
   * returns; a crash in the middle leaves the log that was, or the new one. Want of room for the
   * new log is the one error after which the store stays usable: nothing has changed then, and the
   * reset may be tried again once {@link #room} has changed.
   *
   * @param last the last entry that a durable snapshot stands for
   */
  void resetTo(EntryId last) throws IOException;

  /**
   * How many pieces the log lies in, each of which takes space of its own on the disk: many are a
   * reason to compact, however few entries there are.
   */
  int segments();

  /** Returns when all that was appended or truncated survives a power cut. A failure is final. */
  void force() throws IOException;

  /**
   * Entries from {@code from}, at least one, about {@code bytesMax}, none at or past {@code
   * toExclusive}.
   *
   * @param from at least {@link #firstIndex}
   */
  List<Entry> read(long from, long toExclusive, int bytesMax) throws IOException;

  /**
   * The newest entries that weigh about {@code bytesMax} together (at least one, unless the log is
   * empty), in order of their index: what a start keeps in memory.
   */
  List<Entry> tail(int bytesMax) throws IOException;

  /**
   * To be called when nothing waits after a {@link #force}: leaves a mark of what was forced,
   * without a force of its own, by which a later start tells a torn tail from damage. Does nothing
   * when there is nothing new to mark.
   */
  void idle() throws IOException;

  /**
   * How much room is left on the disk; asked after each force, and about once a second while it is
   * not {@link Room#AMPLE}: being asked, the store tries again to make room, at most once a second.
   */
  Room room() throws IOException;

  @Override
  void close() throws IOException;

  /** Room for more entries, as a state and not a fault. */
  enum Room {
    /** Enough. */
    AMPLE,
    /** Only the reserve: growth must be refused, what shrinks or was promised still fits. */
    RESERVE,
    /** None: nothing can be acknowledged until space returns. */
    NONE
  }
}
