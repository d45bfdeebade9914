package io.lockstep.kv.result;

import io.lockstep.kv.command.LeaseId;

/** Who holds a lock, as others may see it. */
public record HolderInfo(
    String owner, long token, LeaseId lease, long sinceRevision, long expiresInMillis) {}
