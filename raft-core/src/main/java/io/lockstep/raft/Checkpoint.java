package io.lockstep.raft;

/**
 * A replica's state after one entry, as its hash. Replicas compare those of the same index.
 *
 * @param index of the last entry that was applied
 * @param format of the hash: hashes of different formats say nothing of each other
 * @param hash equal for equal states
 */
public record Checkpoint(long index, int format, long hash) {
  /** Whether both can be compared. */
  public boolean comparableWith(Checkpoint other) {
    return index == other.index && format == other.format;
  }
}
