package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Durations;
import io.lockstep.http.request.JsonBody;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** What the body of an acquire says. */
record AcquireBody(Holder holder, LockMode mode, long waitMillis, String owner) {
  private static final long WAIT_MILLIS_MAX = 60_000;

  /** What is wanted of a lock. */
  static AcquireBody ofLock(Bytes body) {
    JsonBody json = JsonBody.parse(body);
    Holder holder = holder(json);
    long waitMillis = waitMillis(json);
    String owner = owner(json);
    LockMode mode = mode(json.text("mode"));
    json.finish();
    return new AcquireBody(holder, mode, waitMillis, owner);
  }

  private static LockMode mode(@Nullable String text) {
    return switch (text) {
      case null -> LockMode.EXCLUSIVE;
      case "exclusive" -> LockMode.EXCLUSIVE;
      case "shared" -> LockMode.SHARED;
      default -> throw JsonBody.bad("mode", "is \"exclusive\" or \"shared\"");
    };
  }

  private static Holder holder(JsonBody json) {
    long ttl = json.duration("ttl", -1);
    String lease = json.text("lease");
    if (ttl >= 0 && lease != null) {
      throw JsonBody.bad("ttl", "and field 'lease' exclude each other");
    }
    if (lease == null) {
      return new Holder.OwnLease(ttl < 0 ? LeasesResource.TTL_MILLIS_DEFAULT : ttl);
    }
    LeaseId id = LeaseId.parse(lease);
    if (id == null) {
      throw JsonBody.bad("lease", "is not the id of a lease");
    }
    return new Holder.ExistingLease(id);
  }

  static long waitMillis(JsonBody json) {
    long waitMillis = json.duration("wait", 0);
    if (waitMillis > WAIT_MILLIS_MAX) {
      throw Durations.outOfRange("wait", 0, WAIT_MILLIS_MAX);
    }
    return waitMillis;
  }

  private static String owner(JsonBody json) {
    String owner = json.text("owner");
    String shown = owner == null ? "" : owner;
    if (Bytes.utf8(shown).length() > FieldCodec.TEXT_BYTES_MAX) {
      throw new Rejected(
          Problem.of(ProblemCode.NOT_ALLOWED, "owner is longer than its limit")
              .with("field", "owner")
              .with("limit", FieldCodec.TEXT_BYTES_MAX));
    }
    return shown;
  }
}
