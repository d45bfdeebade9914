package io.lockstep.kv.lock;

import io.lockstep.kv.command.LeaseId;

/**
 * A holding that ended.
 *
 * @param lost whether it ended against its holder's will: by expiry
 */
public record PastGrant(long token, LeaseId lease, boolean lost) {}
