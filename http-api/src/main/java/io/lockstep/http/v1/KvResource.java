package io.lockstep.http.v1;

import io.lockstep.http.request.Query;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.raft.bytes.Bytes;

/** {@code /v1/kv}: keys and values. */
public final class KvResource implements Resource {
  /** Where keys begin in a path. */
  public static final String PREFIX = "/v1/kv/";

  private final KvPut put;
  private final KvGet get;
  private final KvDelete delete;

  public KvResource(Coordinator coordinator, Mutations mutations, Reads reads, WatchHub hub) {
    this.put = new KvPut(coordinator, mutations);
    this.get = new KvGet(reads, hub);
    this.delete = new KvDelete(mutations);
  }

  @Override
  public void serve(Exchange exchange) {
    switch (exchange.method()) {
      case "GET", "HEAD" -> get.serve(exchange, key(exchange));
      case "PUT" -> put.serve(exchange, key(exchange));
      case "DELETE" -> delete.serve(exchange, key(exchange));
      default -> {
        exchange.route("kv");
        Methods.notAllowed(exchange, "GET, HEAD, PUT, DELETE");
      }
    }
  }

  /** The key that the raw path names, or {@code ?key_b64} in its place. */
  static Bytes key(Exchange exchange) {
    return key(exchange, PREFIX);
  }

  static Bytes key(Exchange exchange, String prefix) {
    String path = exchange.target().path();
    Bytes inPath =
        path.length() > prefix.length()
            ? exchange.target().bytesFrom(prefix.length())
            : Bytes.EMPTY;
    Bytes encoded = exchange.query().base64("key_b64");
    if (encoded == null) {
      return inPath;
    }
    if (!inPath.isEmpty()) {
      throw Query.bad("key_b64", "and a key in the path exclude each other");
    }
    return encoded;
  }
}
