package io.lockstep.raft;

import java.util.List;

/** What members say to each other. Every message carries its sender's term (thesis 3.3). */
public sealed interface Message {
  /** The sender's term; in {@link PreVote} the term it would campaign in. */
  long term();

  /** Would you vote for me in {@code term}? Changes no state at either side (thesis 9.6). */
  record PreVote(long term, EntryId lastLog) implements Message {}

  /**
   * Answers {@link PreVote}. When granted, {@code term} is the term asked for, else the voter's
   * own.
   */
  record PreVoteReply(long term, boolean granted) implements Message {}

  /**
   * Vote for me (thesis 3.4). {@code transfer} marks an election that the leader asked for (thesis
   * 3.10).
   */
  record Vote(long term, EntryId lastLog, boolean transfer) implements Message {}

  /** Answers {@link Vote}; sent only when the vote is durable. */
  record VoteReply(long term, boolean granted) implements Message {}

  /**
   * Entries to append after {@code previous} (thesis 3.5). {@code commit} may exceed the last
   * entry.
   *
   * @param round the read round that an answer to this message confirms
   */
  record Append(long term, EntryId previous, List<Entry> entries, long commit, long round)
      implements Message {}

  /**
   * The follower's log matches the leader's up to {@code match}, durably.
   *
   * @param round the highest round that the follower has seen in this term
   */
  record Appended(long term, long match, long round) implements Message {}

  /**
   * The follower's log does not hold {@code rejected}, or the request's term is past. Of a node
   * under repair it may take back what an earlier life of it has claimed.
   *
   * @param hint the follower's last entry, at or before {@code rejected}, of a term that is not
   *     later: none after it can match (thesis 3.5, the back-off optimization)
   * @param round as in {@link Appended}; 0 for a request of an earlier term
   */
  record AppendRejected(long term, EntryId rejected, EntryId hint, long round) implements Message {}

  /**
   * The leader is there. {@code commit} is bounded by what the follower is known to match (thesis
   * 3.4, 6.4).
   */
  record Heartbeat(long term, long commit, long round) implements Message {}

  /** Answers {@link Heartbeat}; {@code round} is as in {@link AppendRejected}. */
  record HeartbeatReply(long term, long round) implements Message {}

  /**
   * At which index may a read of mine be served (thesis 6.4)?
   *
   * @param startNumber tells this life of the asking node from earlier ones
   * @param readId counts up within one life
   */
  record ReadIndex(long term, long startNumber, long readId) implements Message {}

  /**
   * Answers {@link ReadIndex} after a round that began later than the request came in.
   *
   * @param last where the leader's log ended by then: no earlier life of the asking node can have
   *     been sent more of it
   * @param clusterTimeMillis the leader's cluster time when that round began
   */
  record ReadIndexReply(
      long term, long startNumber, long readId, long index, long last, long clusterTimeMillis)
      implements Message {}

  /** Answers {@link ReadIndex}: this node cannot answer, for it does not lead (any more). */
  record ReadIndexRefused(long term, long startNumber, long readId) implements Message {}

  /** My state at this index has this hash. Said to the leader, until it answers. */
  record StateReport(long term, Checkpoint checkpoint) implements Message {}

  /**
   * Answers {@link StateReport}.
   *
   * @param others what a majority of the voters has at the index that was reported; when undecided
   *     the report itself
   */
  record StateVerdict(long term, Checkpoint others, StateAgreement.Verdict verdict)
      implements Message {}

  /** Campaign at once: I hand leadership to you (thesis 3.10). */
  record TimeoutNow(long term) implements Message {}
}
