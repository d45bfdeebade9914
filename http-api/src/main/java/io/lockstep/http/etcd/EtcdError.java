package io.lockstep.http.etcd;

import io.lockstep.http.error.Problem;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.service.Refusal;
import io.lockstep.kv.result.Failure;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * An error as etcd's clients know it: they compare the text or the code, hardly the status.
 *
 * @param code of gRPC
 */
record EtcdError(int code, String message) {
  static final int UNKNOWN = 2;
  static final int INVALID_ARGUMENT = 3;
  static final int NOT_FOUND = 5;
  static final int RESOURCE_EXHAUSTED = 8;
  static final int FAILED_PRECONDITION = 9;
  static final int OUT_OF_RANGE = 11;
  static final int UNIMPLEMENTED = 12;
  static final int INTERNAL = 13;
  static final int UNAVAILABLE = 14;

  static final EtcdError KEY_NOT_PROVIDED = argument("etcdserver: key is not provided");
  static final EtcdError KEY_NOT_FOUND = argument("etcdserver: key not found");
  static final EtcdError VALUE_PROVIDED = argument("etcdserver: value is provided");
  static final EtcdError LEASE_PROVIDED = argument("etcdserver: lease is provided");
  static final EtcdError DUPLICATE_KEY = argument("etcdserver: duplicate key given in txn request");
  static final EtcdError TOO_MANY_OPS = argument("etcdserver: too many operations in txn request");
  static final EtcdError TOO_LARGE = argument("etcdserver: request is too large");
  static final EtcdError COMPACTED =
      new EtcdError(OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted");
  static final EtcdError FUTURE =
      new EtcdError(OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision");
  static final EtcdError LEASE_NOT_FOUND =
      new EtcdError(NOT_FOUND, "etcdserver: requested lease not found");
  static final EtcdError LEASE_EXISTS =
      new EtcdError(FAILED_PRECONDITION, "etcdserver: lease already exists");
  static final EtcdError TTL_TOO_LARGE =
      new EtcdError(OUT_OF_RANGE, "etcdserver: too large lease TTL");
  static final EtcdError NO_SPACE =
      new EtcdError(RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded");
  static final EtcdError TOO_MANY_REQUESTS =
      new EtcdError(RESOURCE_EXHAUSTED, "etcdserver: too many requests");
  static final EtcdError TIMED_OUT = new EtcdError(UNAVAILABLE, "etcdserver: request timed out");

  private static final int SERVER_ERROR = 500;

  static EtcdError argument(String message) {
    return new EtcdError(INVALID_ARGUMENT, message);
  }

  /** The status that etcd 3.4 answers with this code. */
  int status() {
    return switch (code) {
      case 3, 11 -> 400;
      case 4 -> 504;
      case 5 -> 404;
      case 7 -> 403;
      case 8 -> 429;
      case 9 -> 412;
      case 12 -> 501;
      case 14 -> 503;
      case 16 -> 401;
      default -> SERVER_ERROR;
    };
  }

  /** What a client is told of a failure. */
  static EtcdError of(Failure failure) {
    return switch (failure) {
      case Failure.OperationRefused refused -> of(refused.cause());
      case Failure.KeyNotFound none -> KEY_NOT_FOUND;
      case Failure.LeaseNotFound none -> LEASE_NOT_FOUND;
      case Failure.LeaseEnded ended -> LEASE_NOT_FOUND;
      case Failure.LeaseExists exists -> LEASE_EXISTS;
      case Failure.RevisionUnreadable revision ->
          revision.revision() > revision.present() ? FUTURE : COMPACTED;
      case Failure.DuplicateKey twice -> DUPLICATE_KEY;
      case Failure.TtlOutOfRange range -> TTL_TOO_LARGE;
      case Failure.QuotaExceeded quota -> NO_SPACE;
      case Failure.TooManyKeysOnLease many -> TOO_MANY_REQUESTS;
      case Failure.TxnTooLarge large ->
          switch (large.bound()) {
            case KEYS_COMPARED, KEYS_DELETED -> TOO_MANY_OPS;
            case ANSWER_BYTES -> TOO_LARGE;
          };
      case Failure.ValueTooLarge large -> TOO_LARGE;
      case Failure.KeyLengthInvalid length -> TOO_LARGE;
      case Failure.TooManyKeysInRange many -> TOO_MANY_OPS;
      case Failure other -> new EtcdError(INTERNAL, "etcdserver: " + other);
    };
  }

  /** What a client is told of a request that was not tried. */
  static EtcdError of(Refusal refusal) {
    return switch (refusal) {
      case NO_LEADER -> new EtcdError(UNAVAILABLE, "etcdserver: no leader");
      case OVERLOADED -> TOO_MANY_REQUESTS;
      case NO_SPACE -> NO_SPACE;
      case SHUTTING_DOWN -> new EtcdError(UNAVAILABLE, "etcdserver: server stopped");
      case DIVERGED -> new EtcdError(UNAVAILABLE, "etcdserver: unhealthy cluster");
      case NOT_CONFIRMED, NOT_REACHED -> TIMED_OUT;
    };
  }

  /** The same for what was refused before it was known to be a request of etcd's. */
  static EtcdError of(Problem problem) {
    return switch (problem.code()) {
      case NO_LEADER -> of(Refusal.NO_LEADER);
      case OVERLOADED -> of(Refusal.OVERLOADED);
      case SHUTTING_DOWN -> of(Refusal.SHUTTING_DOWN);
      case DIVERGED -> of(Refusal.DIVERGED);
      case NOT_CONFIRMED -> of(Refusal.NOT_CONFIRMED);
      case BODY_TOO_LARGE -> TOO_LARGE;
      case INTERNAL -> new EtcdError(INTERNAL, "etcdserver: " + problem.detail());
      default ->
          problem.code().status() < SERVER_ERROR
              ? argument(problem.detail())
              : new EtcdError(UNAVAILABLE, "etcdserver: " + problem.detail());
    };
  }

  /** Writes the document that clients of every version of etcd find their field in. */
  void write(JsonText json) {
    json.begin().field("error", message).field("message", message).field("code", code).end();
  }

  /** Writes it as the last message of a stream. */
  void writeToStream(JsonText json) {
    json.begin()
        .name("error")
        .begin()
        .field("grpc_code", code)
        .field("http_code", status())
        .field("message", message)
        .field("http_status", statusText())
        .end()
        .end();
  }

  private String statusText() {
    return HttpResponseStatus.valueOf(status()).reasonPhrase();
  }
}
