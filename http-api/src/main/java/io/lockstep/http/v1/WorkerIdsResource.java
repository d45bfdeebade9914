package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.id.WorkerPool;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;

/** {@code POST /v1/worker-ids/{pool}:lease}: the least free number of a pool, for a while. */
public final class WorkerIdsResource implements Resource {
  /** Where names begin in a path. */
  public static final String PREFIX = "/v1/worker-ids/";

  private final Coordinator coordinator;
  private final Mutations mutations;

  public WorkerIdsResource(Coordinator coordinator, Mutations mutations) {
    this.coordinator = coordinator;
    this.mutations = mutations;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    exchange.route("POST /v1/worker-ids/{pool}:lease");
    if (!exchange.method().equals("POST")) {
      Methods.notAllowed(exchange, "POST");
      return;
    }
    Verbs verbs = Verbs.of(exchange, PREFIX);
    if (!verbs.verb().equals("lease")) {
      throw Verbs.unknown(verbs.verb());
    }
    Bytes pool = verbs.name();
    Keys.requireName(pool);
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          int bits = bits(json);
          long ttl = json.duration("ttl", LeasesResource.TTL_MILLIS_DEFAULT);
          json.finish();
          mutations.submit(
              exchange,
              new Command.LeaseWorkerId(
                  pool, bits, ttl, coordinator.nonce(), coordinator.wallMillis()),
              body,
              WorkerIdsResource::leased);
        });
  }

  private static int bits(JsonBody json) {
    long bits = json.number("bits", 1, 0);
    if (bits == 0) {
      throw JsonBody.missing("bits");
    }
    if (bits > WorkerPool.BITS_MAX) {
      throw new Rejected(
          Problem.of(ProblemCode.NOT_ALLOWED, "a pool has at most " + WorkerPool.BITS_MAX + " bits")
              .with("field", "bits")
              .with("limit", WorkerPool.BITS_MAX));
    }
    return (int) bits;
  }

  private static void leased(Exchange exchange, Applied applied, Result.Success result) {
    Result.WorkerLeased leased = Mutations.expect(Result.WorkerLeased.class, result);
    JsonText json =
        exchange
            .json()
            .begin()
            .field("id", leased.number())
            .field("min_timestamp_ms", leased.minTimestampMillis())
            .field("lease", leased.lease().toString());
    LeaseFields.write(exchange, json, leased.ttlMillis(), leased.expiresInMillis());
    exchange.answer(200, applied.revision(), json.end());
  }
}
