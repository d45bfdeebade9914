package io.lockstep.http.v1;

import io.lockstep.http.error.Fate;
import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Problems;
import io.lockstep.http.request.Consistency;
import io.lockstep.http.request.IdempotencyKey;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.kv.KnownRequest;
import io.lockstep.kv.KvView;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;

/** {@code GET /v1/requests/{key}}: what became of a request with an idempotency key. */
public final class RequestsResource implements Resource {
  /** Where keys begin in a path. */
  public static final String PREFIX = "/v1/requests/";

  private final Reads reads;

  public RequestsResource(Reads reads) {
    this.reads = reads;
  }

  @Override
  public void serve(Exchange exchange) {
    exchange.route("GET /v1/requests");
    Methods.readOnly(exchange);
    Accepts.json(exchange);
    Consistency wanted = Consistency.of(exchange.query());
    exchange.query().finish();
    Bytes key = IdempotencyKey.parse(exchange.target().textFrom(PREFIX.length()));
    reads.read(exchange, wanted, (x, view) -> show(x, view, key));
  }

  private static void show(Exchange exchange, KvView view, Bytes key) {
    KnownRequest known = view.request(Mutations.PRINCIPAL, key);
    if (known == null) {
      exchange.problem(
          Problem.of(
                  ProblemCode.REQUEST_NOT_FOUND,
                  "no request with this idempotency key is remembered")
              .withFate(Fate.UNKNOWN));
      return;
    }
    Applied answer = known.answer();
    JsonText json =
        exchange
            .json()
            .begin()
            .key("key", key)
            .field("outcome", (succeeded(answer.result()) ? Fate.APPLIED : Fate.NOT_APPLIED).text())
            .field("age_ms", known.ageMillis())
            .field("revision", answer.revision());
    if (answer.result() instanceof Failure failure) {
      Problem problem = Problems.of(failure, null);
      json.field("code", problem.code().text()).field("status", problem.status());
    }
    writeResult(json, answer.result());
    exchange.answer(200, view.revision(), json.end());
  }

  private static boolean succeeded(Result result) {
    return switch (result) {
      case Result.Success success -> true;
      case Result.OutcomeOnly outcome -> outcome.applied();
      case Failure failure -> false;
    };
  }

  /** What the first answer named, so that a client that lost it can go on. */
  private static void writeResult(JsonText json, Result result) {
    if (result instanceof Result.LeaseGranted granted) {
      json.field("lease", granted.lease().toString());
    } else if (result instanceof Result.LockGranted granted) {
      json.field("state", "held")
          .field("token", granted.token())
          .field("lease", granted.lease().toString());
    } else if (result instanceof Result.TtlKeyPut put && put.meta().lease() != null) {
      json.field("lease", put.meta().lease().toString());
    } else if (result instanceof Result.LockQueued queued) {
      json.field("state", "queued").field("ticket", queued.ticket().toString());
    }
  }
}
