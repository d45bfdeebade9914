package io.lockstep.kv.lock;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.store.Digest;

/**
 * A holding that ended.
 *
 * @param joint as in {@link Grant}
 * @param sinceMillis when it began, of cluster time
 * @param endedMillis when it ended, of cluster time
 * @param reason why it was taken away; empty unless it was
 */
public record PastGrant(
    long token,
    LeaseId lease,
    LockMode mode,
    String owner,
    GrantEnd end,
    boolean joint,
    long sinceMillis,
    long endedMillis,
    String reason) {
  static PastGrant of(Grant grant, GrantEnd end, String reason, long clusterTimeMillis) {
    return new PastGrant(
        grant.token(),
        grant.lease(),
        grant.mode(),
        grant.owner(),
        end,
        grant.joint(),
        grant.sinceMillis(),
        clusterTimeMillis,
        reason);
  }

  /** Whether it ended against its holder's will. */
  public boolean lost() {
    return end.lost();
  }

  void addTo(Digest digest) {
    digest
        .add(token)
        .addNullable(lease)
        .add(mode.code())
        .add(owner)
        .add(end.code())
        .add(joint)
        .add(sinceMillis)
        .add(endedMillis);
    if (end == GrantEnd.FORCED) {
      digest.add(reason);
    }
  }
}
