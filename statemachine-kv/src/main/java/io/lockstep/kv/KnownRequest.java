package io.lockstep.kv;

import io.lockstep.kv.result.Applied;
import io.lockstep.raft.bytes.Bytes;

/**
 * A request with an idempotency key that was applied.
 *
 * @param fingerprint of what it asked for
 * @param ageMillis of cluster time
 * @param answer what a retry would be told now
 */
public record KnownRequest(Bytes fingerprint, long ageMillis, Applied answer) {}
