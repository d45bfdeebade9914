package io.lockstep.kv.member;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;

/**
 * A public key with which a node's signatures under grants are verified.
 *
 * @param bytes an Ed25519 public key as RFC 8032 writes it
 * @param sinceMillis of cluster time
 * @param untilMillis of cluster time; {@link #IN_USE} for the one that its node signs with
 */
public record PublishedKey(NodeId node, Bytes bytes, long sinceMillis, long untilMillis) {
  /** How long a public key is. Part of the format. */
  public static final int BYTES = 32;

  /** No end is known. */
  public static final long IN_USE = Long.MAX_VALUE;

  /** Whether its node signs with it. */
  public boolean inUse() {
    return untilMillis == IN_USE;
  }

  /** The same key, not signed with any more: one whose end is known keeps it. */
  PublishedKey until(long millis) {
    return inUse() ? new PublishedKey(node, bytes, sinceMillis, millis) : this;
  }
}
