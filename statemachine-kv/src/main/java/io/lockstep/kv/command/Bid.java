package io.lockstep.kv.command;

import io.lockstep.raft.bytes.Bytes;

/**
 * What a candidate brings into an election, or how much is wanted of a semaphore.
 *
 * @param priority the highest is elected first; among equals the first to come
 * @param value that is published when it is elected
 * @param permits none but of a semaphore
 */
public record Bid(int priority, Bytes value, Permits permits) {
  /** What one brings who wants a lock. */
  public static final Bid NONE = new Bid(0, Bytes.EMPTY);

  /** A candidate's. */
  public Bid(int priority, Bytes value) {
    this(priority, value, Permits.NONE);
  }

  /** What one brings who wants permits. */
  public static Bid of(Permits permits) {
    return new Bid(0, Bytes.EMPTY, permits);
  }
}
