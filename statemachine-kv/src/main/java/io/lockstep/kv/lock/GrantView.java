package io.lockstep.kv.lock;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;

/**
 * A grant as a view shows it.
 *
 * @param expiresInMillis what is left of its lease, after the view's cluster time
 * @param permits of a semaphore; {@link Permits#NONE} of anything else
 */
public record GrantView(
    LockName name,
    LockMode mode,
    String owner,
    long token,
    LeaseId lease,
    long expiresInMillis,
    Permits permits) {}
