package io.lockstep.http.v1;

import io.lockstep.http.grant.SigningKey;
import io.lockstep.http.request.Consistency;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.kv.KvView;
import io.lockstep.kv.member.PublishedKey;
import java.util.Base64;

/**
 * {@code GET /.well-known/jwks.json}: the public keys of all nodes, as a JWK set (RFC 7517, RFC
 * 8037). Read like all else: linearizable by default, so that it has the key of every grant that
 * was ever handed out and may still last.
 */
public final class KeysResource implements Resource {
  /** The path by which resources find it. */
  public static final String PATH = "/.well-known/jwks.json";

  private final Reads reads;

  public KeysResource(Reads reads) {
    this.reads = reads;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    exchange.route("GET /.well-known/jwks.json");
    switch (exchange.method()) {
      case "GET", "HEAD" -> {
        exchange.refuseBody();
        Consistency wanted = Consistency.of(exchange.query());
        exchange.query().finish();
        reads.read(exchange, wanted, KeysResource::show);
      }
      default -> Methods.notAllowed(exchange, "GET, HEAD");
    }
  }

  private static void show(Exchange exchange, KvView view) {
    JsonText json = exchange.json().begin().name("keys").beginArray();
    for (PublishedKey key : view.members().keys().keys()) {
      json.begin()
          .field("kty", "OKP")
          .field("crv", "Ed25519")
          .field("x", Base64.getUrlEncoder().withoutPadding().encodeToString(key.bytes().toArray()))
          .field("kid", SigningKey.idOf(key.bytes()))
          .field("use", "sig")
          .field("alg", "EdDSA")
          .field("node", key.node().text())
          .field("in_use", key.inUse())
          .end();
    }
    exchange.answer(200, view.revision(), json.endArray().end());
  }
}
