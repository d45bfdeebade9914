package io.lockstep.http.error;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Utf8;
import io.lockstep.http.service.Refusal;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.KeyMeta;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** What a client is told of each refusal and failure: total switches, so that none is forgotten. */
public final class Problems {
  private static final long RETRY_MILLIS_MIN = 200;
  private static final long RETRY_MILLIS_SPREAD = 800;

  private Problems() {}

  /** A request that was not even tried. */
  public static Problem of(Refusal refusal) {
    Problem problem =
        switch (refusal) {
          case NO_LEADER ->
              Problem.of(
                  ProblemCode.NO_LEADER,
                  "no leader took the request within its time; nothing done");
          case OVERLOADED -> Problem.of(ProblemCode.OVERLOADED, "too many requests are open");
          case NO_SPACE ->
              Problem.of(ProblemCode.NO_SPACE, "the leader's log disk has only its reserve left");
          case SHUTTING_DOWN -> Problem.of(ProblemCode.SHUTTING_DOWN, "this node is stopping");
          case DIVERGED ->
              Problem.of(
                  ProblemCode.DIVERGED,
                  "this node's state differs from the other replicas'; nothing done, ask another"
                      + " node");
          case NOT_CONFIRMED ->
              Problem.of(
                  ProblemCode.NOT_CONFIRMED,
                  "no majority confirmed in time that what would be read is current");
          case NOT_REACHED ->
              Problem.of(
                  ProblemCode.REVISION_NOT_REACHED,
                  "this node's state did not reach min_revision in time; nothing older is shown");
        };
    return problem.retryAfter(jittered());
  }

  /** A request whose fate is not known. */
  public static Problem unknown() {
    return Problem.of(
            ProblemCode.OUTCOME_UNKNOWN,
            "accepted, and not known to be committed: it may or may not take effect")
        .withFate(Fate.UNKNOWN);
  }

  /** A stored refusal that was too long to be kept whole: only one that carries a value is. */
  public static Problem refusedBefore() {
    return Problem.of(
        ProblemCode.REVISION_MISMATCH,
        "the condition did not hold when this was first asked; that answer was too long to be"
            + " kept");
  }

  /** A failure; {@code condition} is what the request demanded of its key. */
  public static Problem of(Failure failure, @Nullable KeyCondition condition) {
    return switch (failure) {
      case Failure.KeyNotFound none ->
          Problem.of(ProblemCode.KEY_NOT_FOUND, "the key does not exist");
      case Failure.ConditionFailed failed -> ofCondition(failed, condition);
      case Failure.KeyWithoutLease none ->
          Problem.of(ProblemCode.KEY_WITHOUT_LEASE, "the key is on no lease");
      case Failure.LeaseNotFound none ->
          Problem.of(ProblemCode.LEASE_NOT_FOUND, "no lease with this id was ever granted");
      case Failure.LeaseEnded ended -> ofLease(ended);
      case Failure.TtlOutOfRange range -> ofTtl(range);
      case Failure.OfLock refused -> LockProblems.of(refused);
      case Failure.StaleToken stale -> ofStale(stale);
      case Failure.QuotaExceeded quota -> ofQuota(quota);
      case Failure.TooManyKeysOnLease many ->
          limited(ProblemCode.TOO_MANY_KEYS_ON_LEASE, "keys on one lease", many.limit());
      case Failure.TooManyKeysInRange many -> ofRange(many);
      case Failure.QueueFull full ->
          limited(ProblemCode.QUEUE_FULL, "requests wait for one lock", full.limit())
              .retryAfter(jittered());
      case Failure.AnswersFull full ->
          limited(ProblemCode.ANSWERS_FULL, "stored answers", full.limit()).retryAfter(jittered());
      case Failure.RequestMismatch mismatch ->
          Problem.of(
              ProblemCode.REQUEST_MISMATCH, "this idempotency key belongs to another request");
      case Failure.ValueTooLarge large ->
          limited(ProblemCode.VALUE_TOO_LARGE, "bytes in a value", large.limit());
      case Failure.KeyLengthInvalid length ->
          Problem.of(
                  ProblemCode.KEY_LENGTH, "a key or name is 1 to " + length.limit() + " bytes long")
              .with("limit", length.limit());
      case Failure.OfIds refused -> IdProblems.of(refused);
      case Failure.OfTransaction refused -> TxnProblems.of(refused);
      case Failure.OfGateway other ->
          Problem.of(ProblemCode.INTERNAL, "a failure that only the etcd gateway asks for");
      case Failure.MalformedCommand malformed ->
          Problem.of(ProblemCode.INTERNAL, "the node made a command that no replica can read");
    };
  }

  /** A time after which to try again that spreads those who are told the same. */
  public static long jittered() {
    return RETRY_MILLIS_MIN + ThreadLocalRandom.current().nextLong(RETRY_MILLIS_SPREAD);
  }

  static Problem limited(ProblemCode code, String what, long limit) {
    return Problem.of(code, "at most " + limit + " " + what).with("limit", limit);
  }

  private static Problem ofCondition(
      Failure.ConditionFailed failed, @Nullable KeyCondition condition) {
    ProblemCode code =
        condition instanceof KeyCondition.Absent
            ? ProblemCode.KEY_EXISTS
            : condition instanceof KeyCondition.Present
                ? ProblemCode.KEY_MISSING
                : ProblemCode.REVISION_MISMATCH;
    Problem problem = Problem.of(code, code.meaning());
    KeyMeta current = failed.current();
    if (current == null) {
      return problem.with(new Problem.Member.Json("current", nothing()));
    }
    JsonText json = new JsonText(128).begin().field("mod_revision", current.modRevision());
    json.field("create_revision", current.createRevision()).field("version", current.version());
    if (current.lease() != null) {
      json.field("lease", current.lease().toString());
    }
    if (failed.value() != null) {
      json.content(failed.value());
    }
    return problem.with(new Problem.Member.Json("current", json.end()));
  }

  private static JsonText nothing() {
    return new JsonText(8).plain("null");
  }

  private static Problem ofLease(Failure.LeaseEnded ended) {
    Problem problem =
        Problem.of(ProblemCode.LEASE_EXPIRED, "the lease has ended")
            .with("lease", ended.lease().toString());
    return ended.endedAtRevision() == 0
        ? problem
        : problem.with("expired_at_revision", ended.endedAtRevision());
  }

  private static Problem ofQuota(Failure.QuotaExceeded quota) {
    return Problem.of(ProblemCode.QUOTA_EXCEEDED, "the state is at its quota")
        .with("used", quota.usedBytes())
        .with("limit", quota.quotaBytes());
  }

  private static Problem ofRange(Failure.TooManyKeysInRange many) {
    return limited(
            ProblemCode.TOO_MANY_KEYS,
            "keys deleted at once; give limit and repeat until \"more\" is false",
            many.limit())
        .with("count", many.count());
  }

  private static Problem ofTtl(Failure.TtlOutOfRange range) {
    return Problem.of(
            ProblemCode.TTL_OUT_OF_RANGE,
            "ttl must be from " + range.ttlMillisMin() + " ms to " + range.ttlMillisMax() + " ms")
        .with("field", "ttl")
        .with("min_ms", range.ttlMillisMin())
        .with("max_ms", range.ttlMillisMax());
  }

  private static Problem ofStale(Failure.StaleToken stale) {
    Problem problem =
        Problem.of(ProblemCode.STALE_TOKEN, "a lock named by If-Lock is not held under its token");
    if (Utf8.valid(stale.name())) {
      problem = problem.with("lock", stale.name().utf8());
    }
    problem = problem.with("given", stale.given());
    JsonText current = new JsonText(32).begin().field("token", stale.current()).end();
    return stale.current() == 0
        ? problem.with(new Problem.Member.Json("current", nothing()))
        : problem.with(new Problem.Member.Json("current", current));
  }
}
