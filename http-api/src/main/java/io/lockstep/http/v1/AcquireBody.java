package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Durations;
import io.lockstep.http.request.JsonBody;
import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.Permits;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * What the body of an acquire says.
 *
 * @param queueTtlMillis how long a durable place lasts from each poll on; 0 for one that is not
 *     kept
 * @param signed whether the grant is to be signed
 * @param delayMillis for which nobody else is granted it after its lease has expired
 */
record AcquireBody(
    Holder holder,
    LockMode mode,
    Bid bid,
    long waitMillis,
    long queueTtlMillis,
    String owner,
    boolean signed,
    long delayMillis) {
  private static final String SIGNED = "signed";

  private static final long WAIT_MILLIS_MAX = 60_000;
  private static final long DELAY_MILLIS_MAX = 3_600_000;
  private static final long QUEUE_TTL_MILLIS_DEFAULT = 60_000;
  private static final long QUEUE_TTL_MILLIS_MIN = 1_000;
  private static final long QUEUE_TTL_MILLIS_MAX = 86_400_000;

  /** What is wanted of a lock, or of several. */
  static AcquireBody ofLock(JsonBody json) {
    Holder holder = holder(json);
    long waitMillis = waitMillis(json);
    long queueTtl = queueTtlMillis(json);
    String owner = owner(json);
    LockMode mode = mode(json.text("mode"));
    boolean signed = signed(json);
    long delay = delayMillis(json);
    json.finish();
    return new AcquireBody(holder, mode, Bid.NONE, waitMillis, queueTtl, owner, signed, delay);
  }

  /** What a candidate wants. */
  static AcquireBody ofElection(Bytes body) {
    JsonBody json = JsonBody.parse(body);
    Holder holder = holder(json);
    long waitMillis = waitMillis(json);
    long queueTtl = queueTtlMillis(json);
    String owner = owner(json);
    long priority = json.has("priority") ? json.integer("priority") : 0;
    if (priority != (int) priority) {
      throw json.refuse("priority", "is a number of 32 bits");
    }
    Bytes value = json.bytes("value", "value_base64");
    boolean signed = signed(json);
    long delay = delayMillis(json);
    json.finish();
    Bid bid = new Bid((int) priority, value == null ? Bytes.EMPTY : value);
    return new AcquireBody(
        holder, LockMode.EXCLUSIVE, bid, waitMillis, queueTtl, owner, signed, delay);
  }

  /** What is wanted of a semaphore. */
  static AcquireBody ofSemaphore(Bytes body) {
    JsonBody json = JsonBody.parse(body);
    Holder holder = holder(json);
    long waitMillis = waitMillis(json);
    String owner = owner(json);
    long limit = json.number("limit", 0, -1);
    long permits = json.number("permits", 0, 1);
    boolean signed = signed(json);
    json.finish();
    if (limit == -1) {
      throw JsonBody.missing("limit");
    }
    inRange("limit", limit, Permits.LIMIT_MAX);
    inRange("permits", permits, limit);
    Bid bid = Bid.of(new Permits((int) permits, (int) limit));
    return new AcquireBody(holder, LockMode.SHARED, bid, waitMillis, 0, owner, signed, 0);
  }

  /** Whether a signed grant is asked for. */
  static boolean signed(JsonBody json) {
    return json.truth(SIGNED, false);
  }

  private static void inRange(String field, long value, long max) {
    if (value < 1 || value > max) {
      throw new Rejected(
          Problem.of(ProblemCode.NOT_ALLOWED, field + " is 1 to " + max)
              .with("field", field)
              .with("min", 1)
              .with("max", max));
    }
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

  private static long queueTtlMillis(JsonBody json) {
    boolean keep = json.truth("keep", false);
    long millis = json.duration("queue_ttl", QUEUE_TTL_MILLIS_DEFAULT);
    if (!keep) {
      if (json.has("queue_ttl")) {
        throw JsonBody.bad("queue_ttl", "is of a place that is kept: it needs \"keep\":true");
      }
      return 0;
    }
    if (millis < QUEUE_TTL_MILLIS_MIN || millis > QUEUE_TTL_MILLIS_MAX) {
      throw Durations.outOfRange("queue_ttl", QUEUE_TTL_MILLIS_MIN, QUEUE_TTL_MILLIS_MAX);
    }
    return millis;
  }

  private static long delayMillis(JsonBody json) {
    long millis = json.duration("lock_delay", 0);
    if (millis > DELAY_MILLIS_MAX) {
      throw Durations.outOfRange("lock_delay", 0, DELAY_MILLIS_MAX);
    }
    return millis;
  }

  private static String owner(JsonBody json) {
    String owner = json.text("owner");
    return checkedOwner("owner", owner == null ? "" : owner);
  }

  /** An owner that is no longer than one may be. */
  static String checkedOwner(String field, String owner) {
    if (Bytes.utf8(owner).length() > FieldCodec.TEXT_BYTES_MAX) {
      throw new Rejected(
          Problem.of(ProblemCode.NOT_ALLOWED, field + " is longer than its limit")
              .with("field", field)
              .with("limit", FieldCodec.TEXT_BYTES_MAX));
    }
    return owner;
  }
}
