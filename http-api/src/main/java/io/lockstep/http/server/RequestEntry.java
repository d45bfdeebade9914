package io.lockstep.http.server;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.limit.Connections;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Where connections and requests of one loop come in. Owned by the loop. */
public final class RequestEntry {
  private static final long RETRY_MILLIS_MIN = 500;
  private static final long RETRY_MILLIS_SPREAD = 1_000;
  private static final int REFUSED_SHARE = 8;

  private final HttpLoop loop;
  private final ServerParts parts;
  private final Router router;
  private final OriginCheck origins;
  private final Connections counted;
  private final Map<HttpConnection, Connection> connections = new HashMap<>();

  public RequestEntry(
      HttpLoop loop, ServerParts parts, Router router, OriginCheck origins, Connections counted) {
    this.loop = loop;
    this.parts = parts;
    this.router = router;
    this.origins = origins;
    this.counted = counted;
  }

  /** A client has connected. */
  public void connected(HttpConnection http) {
    SocketAddress remote = http.remoteAddress(true);
    String host = remote == null ? null : remote.hostAddress();
    String address = host == null ? "" : host;
    boolean within = counted.opened(address);
    Connection connection = new Connection(http, loop, !within, parts.face().nanoTime());
    connections.put(http, connection);
    http.closeHandler(
        nothing -> {
          connections.remove(http);
          counted.closed(address);
          connection.gone();
        });
    // Those over the limit get an answer that says so, as long as they are few.
    if (counted.count() > counted.max() + counted.max() / REFUSED_SHARE) {
      http.close();
    }
  }

  /** A request's head has come in. */
  public void request(HttpServerRequest request) {
    Connection connection = connections.get(request.connection());
    if (connection == null) {
      request.connection().close();
      return;
    }
    Exchange exchange = new Exchange(request, connection, loop, parts);
    connection.begins(exchange);
    if (connection.tooMany()) {
      exchange.problemAndClose(
          Problem.of(ProblemCode.TOO_MANY_CONNECTIONS, "too many connections are open")
              .with("limit", counted.perAddressMax())
              .retryAfter(retryMillis()));
    } else if (!wellFormed(request)) {
      exchange.problemAndClose(malformed());
    } else if (loop.closing()) {
      exchange.problemAndClose(
          Problem.of(ProblemCode.SHUTTING_DOWN, "this node is stopping").retryAfter(retryMillis()));
    } else {
      exchange.run(() -> serve(exchange));
    }
  }

  /** What came in is not a request. */
  public void malformed(HttpServerRequest request) {
    Connection connection = connections.get(request.connection());
    if (connection == null) {
      request.connection().close();
      return;
    }
    Exchange exchange = new Exchange(request, connection, loop, parts);
    connection.begins(exchange);
    exchange.problemAndClose(problemOf(request.decoderResult().cause()));
  }

  private Problem problemOf(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      int limit = loop.options().sizes().targetBytesMax();
      return Problem.of(ProblemCode.TARGET_TOO_LONG, "the request line is over " + limit + " bytes")
          .with("limit", limit);
    }
    if (cause instanceof TooLongHttpHeaderException) {
      int limit = loop.options().sizes().headerBytesMax();
      return Problem.of(ProblemCode.HEADERS_TOO_LARGE, "the headers are over " + limit + " bytes")
          .with("limit", limit);
    }
    return malformed();
  }

  private static Problem malformed() {
    return Problem.of(ProblemCode.MALFORMED_HTTP, "this is not valid HTTP/1.1");
  }

  /** What the decoder lets pass: no Host or several, a transfer coding that is not chunked. */
  private static boolean wellFormed(HttpServerRequest request) {
    MultiMap headers = request.headers();
    String coding = headers.get(HttpHeaders.TRANSFER_ENCODING);
    if (coding != null && !coding.trim().equalsIgnoreCase("chunked")) {
      return false;
    }
    return request.version() == HttpVersion.HTTP_1_0
        || request.version() == HttpVersion.HTTP_1_1
            && headers.getAll(HttpHeaders.HOST).size() == 1;
  }

  private void serve(Exchange exchange) {
    if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
      origins.check(exchange);
    }
    router.serve(exchange);
  }

  private static long retryMillis() {
    return RETRY_MILLIS_MIN + ThreadLocalRandom.current().nextLong(RETRY_MILLIS_SPREAD);
  }
}
