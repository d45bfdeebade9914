package io.lockstep.raft;

import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that can happen to a {@link RaftCore}. Time is no input of its own: it rides with each of
 * them.
 */
public sealed interface Input {
  /** Time may have passed. Timers fire on ticks only: give some in each heartbeat. */
  record Tick() implements Input {}

  /** A message arrived. {@code from} is the authenticated peer. */
  record Received(NodeId from, Message message) implements Input {}

  /**
   * As far as this node can tell, the process of {@code peer} has ended: no connection of its is
   * open and nothing listens at its address. A hint that only saves time; it may be wrong.
   */
  record PeerGone(NodeId peer) implements Input {}

  /**
   * Callers want these commands in the log, in this order. Each ticket is completed exactly once.
   */
  record Propose(List<Proposal> proposals) implements Input {}

  /**
   * A caller wants to read what is current. The driver puts all waiting callers behind one ticket.
   */
  record Read(long ticket) implements Input {}

  /**
   * Lead no longer: hand over to {@code to}, or to the most up-to-date peer when null. No-op on a
   * follower.
   */
  record TransferLeadership(@Nullable NodeId to) implements Input {}

  /**
   * A caller wants another membership. Answered with one {@link Effect.ChangeAnswered}.
   *
   * @param known contacts of members that the membership may lack: they go into it
   */
  record ChangeMembership(long ticket, MembershipChange change, List<Contact> known)
      implements Input {}

  /**
   * All that was handed to the log under leaders of a term up to {@code leaderTerm}, up to {@code
   * upTo}, survives a power cut. Arrives in the order of the {@link Effect.AppendLog}s that it
   * answers.
   */
  record LogFlushed(long leaderTerm, EntryId upTo) implements Input {}

  /** {@code hardState} survives a power cut. */
  record HardStateFlushed(HardState hardState) implements Input {}

  /**
   * Answers {@link Effect.ReadLog}; {@code entries} start at {@code from}, are without holes and
   * not empty.
   */
  record LogRead(long from, List<Entry> entries) implements Input {}

  /**
   * The state machine has applied up to {@code index}.
   *
   * @param nextDueMillis the earliest cluster time after which something falls due, {@link
   *     Long#MAX_VALUE} for never
   */
  record Applied(long index, long nextDueMillis) implements Input {}

  /** The state as it was after an entry that was applied in this life has this hash. */
  record StateHashed(Checkpoint checkpoint) implements Input {}

  /**
   * A snapshot of what was applied here is durable.
   *
   * @param tight whether the log has so little room that no tail should be kept behind it
   */
  record SnapshotStored(SnapshotMeta meta, boolean tight) implements Input {}

  /**
   * A snapshot came in, whole and checked; it is durable, but not installed. {@code from} is the
   * authenticated peer, {@code term} the one in which it sends.
   */
  record SnapshotReceived(NodeId from, long term, SnapshotMeta meta) implements Input {}

  /**
   * Answers {@link Effect.SendSnapshot}.
   *
   * @param index what the snapshot stands for; meaningless when not delivered
   * @param delivered whether the receiver has all of it, durably
   */
  record SnapshotSent(NodeId to, long term, long index, boolean delivered) implements Input {}

  /**
   * Answers {@link Effect.RestoreSnapshot}, after all flushes of what was appended before.
   *
   * @param nextDueMillis as in {@link Applied}
   */
  record SnapshotRestored(SnapshotMeta meta, long nextDueMillis) implements Input {}

  /** One command and the ticket under which its outcome is reported. */
  record Proposal(long ticket, Bytes command) {}
}
