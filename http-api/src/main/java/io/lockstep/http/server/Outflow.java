package io.lockstep.http.server;

import io.lockstep.http.response.JsonText;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.TimeUnit;

/**
 * A streamed answer and its socket: says when the socket is full and calls back when it has
 * drained. A reader who takes nothing for too long is cut off. Owned by the exchange's loop.
 */
public final class Outflow {
  private final Exchange exchange;
  private final HttpServerResponse response;
  private final Runnable drained;
  private boolean parked;
  private long parkedNanos;
  private int status;

  /** {@code drained} is called each time the socket has room again after it was {@link #full}. */
  public Outflow(Exchange exchange, Runnable drained) {
    this.exchange = exchange;
    this.response = exchange.response();
    this.drained = drained;
  }

  /** Sends the head. */
  public void begin(int statusCode, long revision, CharSequence contentType) {
    status = statusCode;
    exchange.stream(statusCode, revision, contentType);
    response.setWriteQueueMaxSize(exchange.loop().options().sizes().streamBytesMax());
    response.drainHandler(nothing -> resume());
    if (exchange.request().version() != HttpVersion.HTTP_1_0) {
      response.writeHead();
    }
    exchange.loop().flowing(this);
  }

  /**
   * Whether nothing more can be taken now; if so {@code drained} will be called, or never again.
   */
  public boolean full() {
    if (exchange.over()) {
      return true;
    }
    if (!parked && response.writeQueueFull()) {
      parked = true;
      parkedNanos = exchange.parts().face().nanoTime();
    }
    return parked;
  }

  /** Sends a copy of {@code text}. */
  public void write(JsonText text) {
    if (!exchange.over() && text.size() > 0) {
      response.write(Buffer.buffer(text.size()).appendBytes(text.array(), 0, text.size()));
    }
  }

  /** Sends a copy of {@code bytes}. */
  public void write(byte[] bytes) {
    if (!exchange.over()) {
      response.write(Buffer.buffer(bytes));
    }
  }

  /** Ends the answer. */
  public void end() {
    exchange.streamed(status);
  }

  /** Cuts off a reader who takes nothing; whether this stream is over. */
  boolean sweep(long nowNanos) {
    long millis = exchange.loop().options().times().streamStalledMillisMax();
    if (parked && nowNanos - parkedNanos > TimeUnit.MILLISECONDS.toNanos(millis)) {
      exchange.abort();
    }
    return exchange.over();
  }

  private void resume() {
    if (parked) {
      parked = false;
      if (!exchange.over()) {
        exchange.run(drained);
      }
    }
  }
}
