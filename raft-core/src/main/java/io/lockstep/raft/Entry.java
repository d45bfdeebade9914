package io.lockstep.raft;

import io.lockstep.raft.bytes.Bytes;

/**
 * One entry of the replicated log.
 *
 * @param index position in the log, from 1, without holes
 * @param term the term of the leader that created it
 * @param clusterTimeMillis the cluster time that the leader stamped: milliseconds that advance with
 *     leaders' monotonic clocks while there is one; never less than the entry before it
 * @param kind what the payload is
 * @param payload the command or the membership; empty for {@link EntryKind#EMPTY}
 */
public record Entry(long index, long term, long clusterTimeMillis, EntryKind kind, Bytes payload) {
  public Entry {
    Invariant.check(index > 0 && term > 0, "an entry has an index and a term", index, term);
    Invariant.check(clusterTimeMillis >= 0, "cluster time is not negative");
  }

  public EntryId id() {
    return new EntryId(term, index);
  }

  /**
   * What the entry counts for against byte limits: its payload and a fixed allowance for the rest.
   */
  public int weightBytes() {
    return payload.length() + 48;
  }
}
