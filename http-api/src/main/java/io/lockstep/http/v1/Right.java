package io.lockstep.http.v1;

import io.lockstep.http.request.JsonBody;
import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * By which right a holder speaks: its token or its lease.
 *
 * @param token 0 when the lease is given
 */
record Right(long token, @Nullable LeaseId lease) {
  /** Reads the right and leaves the rest of the body. */
  static Right of(JsonBody json) {
    long token = json.number("token", 1, 0);
    String lease = json.text("lease");
    if ((token == 0) == (lease == null)) {
      throw JsonBody.bad("token", "or field 'lease' must be given, and not both");
    }
    LeaseId id = lease == null ? null : LeaseId.parse(lease);
    if (lease != null && id == null) {
      throw JsonBody.bad("lease", "is not the id of a lease");
    }
    return new Right(token, id);
  }

  Claim claim() {
    return lease == null ? new Claim.ByToken(token) : new Claim.ByLease(lease);
  }

  Renewal renewal(LockName name) {
    return lease == null ? new Renewal.OfGrant(name, token) : new Renewal.OfLease(lease);
  }
}
