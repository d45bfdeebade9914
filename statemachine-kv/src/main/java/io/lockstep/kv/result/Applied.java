package io.lockstep.kv.result;

/**
 * The answer to one applied entry.
 *
 * @param index of the entry
 * @param revision of the state that the answer speaks of: after the entry, or for a stored answer
 *     that does not depend on the present, after the entry that first gave it
 * @param replayed whether this is the answer to an earlier request with the same idempotency key
 */
public record Applied(long index, long revision, boolean replayed, Result result) {}
