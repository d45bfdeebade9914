package io.lockstep.http.v1;

import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Conditions;
import io.lockstep.http.request.Query;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.http.HttpHeaders;
import java.util.List;

/** {@code DELETE /v1/kv/{key}} and {@code DELETE /v1/kv/{prefix}?prefix}. */
final class KvDelete {
  private static final long LIMIT_MAX = 10_000;

  private final Mutations mutations;

  KvDelete(Mutations mutations) {
    this.mutations = mutations;
  }

  void serve(Exchange exchange, Bytes key) {
    exchange.refuseBody();
    Query query = exchange.query();
    boolean prefix = query.flag("prefix");
    exchange.route(prefix ? "DELETE /v1/kv?prefix" : "DELETE /v1/kv");
    Accepts.json(exchange);
    List<LockGuard> guards = Conditions.guards(exchange.headers(Names.IF_LOCK));
    Command command = prefix ? range(exchange, key, guards) : one(exchange, key, guards);
    mutations.submit(exchange, command, Bytes.EMPTY, KvDelete::render);
  }

  private static Command one(Exchange exchange, Bytes key, List<LockGuard> guards) {
    Keys.require(key);
    Query query = exchange.query();
    KeyCondition condition =
        Conditions.of(
            exchange.single(HttpHeaders.IF_MATCH),
            exchange.single(HttpHeaders.IF_NONE_MATCH),
            query.revision("if_revision"));
    boolean returnCurrent = KvPut.returnCurrent(query);
    query.finish();
    return new Command.Delete(key, condition, guards, returnCurrent);
  }

  private static Command range(Exchange exchange, Bytes prefix, List<LockGuard> guards) {
    Query query = exchange.query();
    long limit = query.number("limit", 1, LIMIT_MAX, 0);
    boolean all = query.flag("all");
    query.finish();
    if (exchange.single(HttpHeaders.IF_MATCH) != null
        || exchange.single(HttpHeaders.IF_NONE_MATCH) != null) {
      throw new Rejected(ProblemCode.BAD_HEADER, "If-Match is for one key, not for a prefix");
    }
    if (prefix.isEmpty() && !all) {
      throw new Rejected(
          ProblemCode.PREFIX_IS_EVERYTHING,
          "the empty prefix is every key: add all=true to mean it");
    }
    return new Command.DeletePrefix(prefix, limit, guards);
  }

  private static void render(Exchange exchange, Applied applied, Result.Success result) {
    Result.KeysDeleted deleted = Mutations.expect(Result.KeysDeleted.class, result);
    exchange.answer(
        200,
        applied.revision(),
        exchange
            .json()
            .begin()
            .field("deleted", deleted.deleted())
            .field("more", deleted.more())
            .field("revision", applied.revision())
            .end());
  }
}
