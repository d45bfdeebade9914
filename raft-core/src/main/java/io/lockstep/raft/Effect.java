package io.lockstep.raft;

import java.util.List;

/**
 * All that a {@link RaftCore} can ask for. Effects are carried out in the order given;
 * SaveHardState, TruncateLog, AppendLog, ReadLog, CompactLog, RestoreSnapshot and EndRepair go to
 * the log thread, which keeps that order.
 */
public sealed interface Effect {
  /** Make durable, then answer {@link Input.HardStateFlushed}. */
  record SaveHardState(HardState hardState) implements Effect {}

  /**
   * Forget the entries from {@code fromIndex} on; what follows supersedes them. Needs no answer.
   */
  record TruncateLog(long fromIndex) implements Effect {}

  /**
   * Make durable, then answer {@link Input.LogFlushed} with the leader term and the last entry's
   * id.
   */
  record AppendLog(long leaderTerm, List<Entry> entries) implements Effect {}

  /**
   * Read entries from {@code from} up to but not including {@code toExclusive}, about {@code
   * bytesMax}; at least one.
   */
  record ReadLog(long from, long toExclusive, int bytesMax) implements Effect {}

  /**
   * Entries before {@code firstKept} may go: a durable snapshot stands for them. Needs no answer.
   */
  record CompactLog(long firstKept) implements Effect {}

  /**
   * Send the newest snapshot, outside the way of the messages, then answer {@link
   * Input.SnapshotSent} with this term; exactly once, whatever happens.
   */
  record SendSnapshot(NodeId to, long term) implements Effect {}

  /**
   * Install the snapshot that was received, as the newest; then bring the log in line with it; then
   * replace the state by it and make that visible to readers; then answer {@link
   * Input.SnapshotRestored}. A crash on the way leaves the old state or the new one. What was
   * handed to {@link Apply} before comes first; nothing is handed to it, appended or truncated
   * until the answer.
   *
   * @param keepsLog whether the log holds the snapshot's last entry: then what follows that stays,
   *     else all entries go and the log continues after the snapshot
   */
  record RestoreSnapshot(SnapshotMeta meta, boolean keepsLog) implements Effect {}

  /** Make durable that the repair is over, whenever there is time. Needs no answer. */
  record EndRepair() implements Effect {}

  /** Send; may be lost, delayed or repeated. */
  record Send(NodeId to, Message message) implements Effect {}

  /**
   * Apply these committed entries, which follow directly on those before, then answer {@link
   * Input.Applied}.
   */
  record Apply(List<Entry> entries) implements Effect {}

  /**
   * Another membership is in force, or others may have to be reached; it need not be committed.
   * Comes before anything is sent to a new one.
   *
   * @param since the entry that brought it; {@link EntryId#NONE} for the first one
   * @param others all that this node may have to speak with: also those of a membership that may
   *     come back, and for a while those who left and may not know
   */
  record MembershipChanged(EntryId since, Membership membership, List<NodeId> others)
      implements Effect {}

  /**
   * The state of this node is not that of a majority of the voters. It stops serving, and says so;
   * once.
   */
  record StateDiverged(Checkpoint own, Checkpoint majoritys) implements Effect {}

  /** Tell the caller behind {@code ticket} what became of its membership change. */
  record ChangeAnswered(long ticket, ChangeOutcome outcome) implements Effect {}

  /**
   * Tell the caller behind {@code ticket}; a {@code Committed} outcome comes before the entry's
   * {@link Apply}.
   */
  record Complete(long ticket, Outcome outcome) implements Effect {}
}
