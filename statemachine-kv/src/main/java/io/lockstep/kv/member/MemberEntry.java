package io.lockstep.kv.member;

import io.lockstep.raft.NodeId;

/** One member and what it is there for. */
public record MemberEntry(NodeId id, MemberRole role) {}
