package io.lockstep.http;

import io.lockstep.http.limit.Connections;
import io.lockstep.http.server.HttpLoop;
import io.lockstep.http.server.OriginCheck;
import io.lockstep.http.server.RequestEntry;
import io.lockstep.http.server.Router;
import io.lockstep.http.server.ServerParts;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The server of one event loop; all share the port. */
final class HttpServerVerticle implements Deployable {
  private static final long SWEEP_MILLIS = 250;
  private static final long DRAIN_POLL_MILLIS = 20;
  private static final int BACKLOG = 1_024;

  private final HttpOptions options;
  private final ServerParts parts;
  private final Connections connections;
  private final Function<HttpLoop, Router> routes;
  private final int port;
  private @Nullable HttpServer server;
  private @Nullable HttpLoop loop;
  private long sweepTimer;

  /**
   * One instance, for one loop.
   *
   * @param port the port to listen on, which the first instance may have chosen
   * @param routes makes the resources of a loop
   */
  HttpServerVerticle(
      HttpOptions options,
      ServerParts parts,
      Connections connections,
      int port,
      Function<HttpLoop, Router> routes) {
    this.options = options;
    this.parts = parts;
    this.connections = connections;
    this.port = port;
    this.routes = routes;
  }

  @Override
  public Future<?> deploy(Context context) {
    Vertx vertx = context.owner();
    HttpLoop mine = new HttpLoop(context, options);
    RequestEntry entry =
        new RequestEntry(
            mine,
            parts,
            routes.apply(mine),
            new OriginCheck(options.originsAllowed()),
            connections);
    HttpServer listening =
        vertx
            .createHttpServer(serverOptions())
            .connectionHandler(entry::connected)
            .invalidRequestHandler(entry::malformed)
            .requestHandler(entry::request);
    loop = mine;
    server = listening;
    sweepTimer = vertx.setPeriodic(SWEEP_MILLIS, timer -> mine.sweep(parts.face().nanoTime()));
    return listening.listen();
  }

  @Override
  public Future<?> undeploy(Context context) {
    context.owner().cancelTimer(sweepTimer);
    HttpServer listening = server;
    return listening == null ? Future.succeededFuture() : listening.close();
  }

  /** The port that it listens on, once deployed. */
  int actualPort() {
    HttpServer listening = server;
    return listening == null ? port : listening.actualPort();
  }

  /** Refuses new requests; completes when those that run are done. Callable from any thread. */
  Future<Void> drain() {
    HttpLoop mine = loop;
    if (mine == null) {
      return Future.succeededFuture();
    }
    Promise<Void> drained = Promise.promise();
    mine.context()
        .runOnContext(
            nothing -> {
              mine.beginClosing();
              awaitIdle(mine, drained);
            });
    return drained.future();
  }

  private static void awaitIdle(HttpLoop mine, Promise<Void> drained) {
    if (mine.openExchanges() == 0) {
      drained.complete();
    } else {
      mine.context().owner().setTimer(DRAIN_POLL_MILLIS, timer -> awaitIdle(mine, drained));
    }
  }

  private HttpServerOptions serverOptions() {
    return new HttpServerOptions()
        .setHost(options.host())
        .setPort(port)
        .setAcceptBacklog(BACKLOG)
        .setTcpNoDelay(true)
        .setReuseAddress(true)
        .setMaxInitialLineLength(options.sizes().targetBytesMax())
        .setMaxHeaderSize(options.sizes().headerBytesMax())
        .setHandle100ContinueAutomatically(true)
        .setHttp2ClearTextEnabled(false)
        .setCompressionSupported(false);
  }
}
