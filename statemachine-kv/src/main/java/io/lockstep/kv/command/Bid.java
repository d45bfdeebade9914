package io.lockstep.kv.command;

import io.lockstep.raft.bytes.Bytes;

/**
 * What a candidate brings into an election.
 *
 * @param priority the highest is elected first; among equals the first to come
 * @param value that is published when it is elected
 */
public record Bid(int priority, Bytes value) {
  /** What one brings who wants a lock. */
  public static final Bid NONE = new Bid(0, Bytes.EMPTY);
}
