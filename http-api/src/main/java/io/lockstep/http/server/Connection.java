package io.lockstep.http.server;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.VertxConnection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client's connection and the request that it has open, if any. Owned by its loop. */
public final class Connection {
  private static final long LINGER_MILLIS = 1_000;

  private final HttpConnection connection;
  private final HttpLoop loop;
  private final boolean tooMany;
  private long idleSinceNanos;
  private boolean sawRequest;
  private boolean closeWhenIdle;
  private @Nullable Exchange open;

  public Connection(HttpConnection connection, HttpLoop loop, boolean tooMany, long nowNanos) {
    this.connection = connection;
    this.loop = loop;
    this.tooMany = tooMany;
    this.idleSinceNanos = nowNanos;
    loop.opened(this);
  }

  /** Whether this connection is over a limit and gets nothing but that answer. */
  public boolean tooMany() {
    return tooMany;
  }

  /** The connection is gone; its open request, if any, is told. */
  public void gone() {
    loop.closed(this);
    Exchange exchange = open;
    open = null;
    if (exchange != null) {
      exchange.connectionGone();
    }
  }

  /** Whether a request is open on it. */
  boolean isOpen() {
    return open != null;
  }

  /** Closes once no request is open. */
  void closeWhenIdle() {
    closeWhenIdle = true;
    if (open == null) {
      connection.close();
    }
  }

  /** Closes a little later: at once would be a reset, which takes the answer away from the peer. */
  void linger() {
    loop.context().owner().setTimer(LINGER_MILLIS, timer -> abort());
  }

  /** Closes at once, after what was written has left. */
  void closeNow() {
    connection.close();
  }

  /**
   * Cuts the connection with all that still waits to leave. The public close waits for that, and so
   * for ever on a peer who does not read.
   */
  void abort() {
    if (connection instanceof VertxConnection channel) {
      var _ = channel.channelHandlerContext().close();
    } else {
      connection.close();
    }
  }

  void begins(Exchange exchange) {
    open = exchange;
    sawRequest = true;
  }

  void ends(Exchange exchange, long nowNanos) {
    if (open == exchange) {
      open = null;
      idleSinceNanos = nowNanos;
      if (closeWhenIdle) {
        linger();
      }
    }
  }

  void sweep(long nowNanos) {
    if (open != null) {
      return;
    }
    long allowed =
        sawRequest
            ? loop.options().times().idleMillisMax()
            : loop.options().times().firstRequestMillisMax();
    if (nowNanos - idleSinceNanos > TimeUnit.MILLISECONDS.toNanos(allowed)) {
      abort();
    }
  }
}
