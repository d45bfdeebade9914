package io.lockstep.kv.lock;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.TicketId;

/**
 * The holding of a lock.
 *
 * @param ticket of the request that it was given to
 * @param owner as that request said
 * @param lease for as long as which it lasts
 * @param token the revision of the grant: greater than any earlier token of this lock
 * @param sinceMillis of cluster time
 */
public record Grant(TicketId ticket, String owner, LeaseId lease, long token, long sinceMillis) {}
