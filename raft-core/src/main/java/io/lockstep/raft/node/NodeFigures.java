package io.lockstep.raft.node;

/**
 * What a node counts, at about one moment. Totals are since its start.
 *
 * @param forces forces of the log
 * @param forceNanos time spent in them
 * @param forcedEntries entries that they made durable
 * @param appliedEntries entries applied
 * @param publishes batches in which they were applied
 * @param proposalsQueued proposals that wait for the core
 * @param proposalsInflight proposals in the core or on the way through the applier
 * @param proposalsRefused proposals refused because a queue was full or too old
 * @param readsInflight reads asked for and not answered
 * @param readsRefused reads refused because too many were in flight
 * @param messagesQueued messages received and not yet taken in
 * @param messagesDropped messages dropped because a queue was full
 * @param logOperationsQueued operations that wait for the log writer
 * @param logBytesPending entries handed to the log writer and not yet durable
 * @param batchesToApply batches of committed entries that wait for the applier
 * @param logSegments pieces that the log lies in
 */
public record NodeFigures(
    long forces,
    long forceNanos,
    long forcedEntries,
    long appliedEntries,
    long publishes,
    int proposalsQueued,
    int proposalsInflight,
    long proposalsRefused,
    int readsInflight,
    long readsRefused,
    int messagesQueued,
    long messagesDropped,
    int logOperationsQueued,
    long logBytesPending,
    int batchesToApply,
    int logSegments,
    Snapshots snapshots) {

  /**
   * What became of snapshots.
   *
   * @param taken of this node's own state, durably
   * @param takenNanos time spent in them
   * @param failed attempts that found no room
   * @param sent to other members, and delivered
   * @param notSent to other members, and not delivered
   * @param installed from a leader
   * @param lastIndex what the newest stands for; 0 for none
   * @param lastBytes the state in the last one taken
   */
  public record Snapshots(
      long taken,
      long takenNanos,
      long failed,
      long sent,
      long notSent,
      long installed,
      long lastIndex,
      long lastBytes) {}
}
