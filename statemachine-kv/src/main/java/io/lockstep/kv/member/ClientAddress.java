package io.lockstep.kv.member;

import io.lockstep.raft.NodeId;

/** Where clients reach a member, as it said itself or as it was said when it was taken in. */
public record ClientAddress(NodeId id, String url) {
  /** How many characters an address may have. Part of the format. */
  public static final int CHARACTERS_MAX = 256;
}
