package io.lockstep.kv.command;

import io.lockstep.raft.bytes.Bytes;

/**
 * A write's condition that the lock {@code name} is held under {@code token} when the write is
 * applied.
 */
public record LockGuard(Bytes name, long token) {}
