package io.lockstep.raft.storage;

import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.statemachine.UnreadableSnapshotException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The durable snapshots of a node: the newest one, whole, and at most one that is just coming in. A
 * crash at any instruction leaves the old newest or the new one, never half of one.
 *
 * <p>One bulk thread calls {@link #save}, {@link #open} and {@link #receive}, one after the other;
 * the log thread calls {@link #install}. Any thread may ask for {@link #newest}.
 *
 * <p>A {@code NoSpaceException} says that the disk is full: nothing is left of the attempt, what
 * was there stays, and it may be tried again later. After any other {@link IOException} of {@link
 * #save}, {@link #install} or a {@link SnapshotSink}, as of a force that failed, the node stops.
 */
public interface SnapshotStore extends AutoCloseable {
  /** The newest snapshot that is whole; null when there is none. */
  @Nullable SnapshotMeta newest();

  /**
   * What the newest snapshot of an earlier life says of itself, also one whose contents are
   * damaged: good for nothing but to learn who took part. Null when none says anything.
   */
  default @Nullable SnapshotMeta newestHeader() {
    return newest();
  }

  /**
   * Writes a snapshot. When this returns it survives a power cut, and it is {@link #newest} unless
   * a newer one was installed meanwhile; those before it are deleted.
   */
  void save(SnapshotMeta meta, StateSnapshot state) throws IOException;

  /**
   * Opens the newest snapshot, of which there must be one, for reading from its beginning. It stays
   * readable when a newer one takes its place.
   *
   * @throws UnreadableSnapshotException if it is damaged or of a later version; the message names
   *     the file and says what to do
   */
  SnapshotSource open() throws IOException;

  /**
   * Begins to take in a snapshot from another member, in place of one whose sink is not finished.
   * One that is finished stays until it is installed or a newer one is there; at most until the
   * next start.
   */
  SnapshotSink receive(SnapshotMeta meta) throws IOException;

  /**
   * Makes the snapshot that was received, and whose sink was finished, the newest one, durably. It
   * must not be older than {@link #newest}.
   */
  void install(SnapshotMeta meta) throws IOException;

  @Override
  void close() throws IOException;
}
