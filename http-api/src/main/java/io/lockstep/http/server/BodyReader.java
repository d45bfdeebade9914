package io.lockstep.http.server;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Reads one request's body into memory, never more than allowed, and not for ever. */
final class BodyReader {
  private final Exchange exchange;
  private final int bytesMax;
  private final ProblemCode tooLarge;
  private final Consumer<Bytes> then;
  private final long startedNanos;
  private byte[] array;
  private int size;
  private boolean done;

  BodyReader(
      Exchange exchange,
      int bytesMax,
      ProblemCode tooLarge,
      int sizeHint,
      long nowNanos,
      Consumer<Bytes> then) {
    this.exchange = exchange;
    this.bytesMax = bytesMax;
    this.tooLarge = tooLarge;
    this.then = then;
    this.startedNanos = nowNanos;
    this.array = new byte[Math.min(sizeHint, bytesMax)];
  }

  void start(HttpServerRequest request) {
    request.handler(this::chunk).endHandler(nothing -> end()).exceptionHandler(e -> broken());
  }

  /** Gives up when too much time has passed; whether this reader is done in any case. */
  boolean expireAt(long nowNanos) {
    long millis = exchange.loop().options().times().bodyMillisMax();
    if (!done && nowNanos - startedNanos > TimeUnit.MILLISECONDS.toNanos(millis)) {
      refuse(
          Problem.of(ProblemCode.BODY_TIMEOUT, "the body did not arrive within " + millis + " ms")
              .with("limit", millis));
    }
    return done;
  }

  private void chunk(Buffer chunk) {
    if (done) {
      return;
    }
    int length = chunk.length();
    if (length > bytesMax - size) {
      refuse(Exchange.tooLarge(tooLarge, bytesMax));
      return;
    }
    if (array.length - size < length) {
      int grown = Math.min(bytesMax, Math.max(array.length * 2, size + length));
      array = Arrays.copyOf(array, grown);
    }
    chunk.getBytes(0, length, array, size);
    size += length;
  }

  private void end() {
    if (!done) {
      done = true;
      byte[] body = size == array.length ? array : Arrays.copyOf(array, size);
      exchange.run(() -> then.accept(Bytes.wrap(body)));
    }
  }

  private void broken() {
    if (!done) {
      refuse(Problem.of(ProblemCode.MALFORMED_HTTP, "the body is not well-formed"));
      // The connection is closed after this in any case; closed here the answer still goes out.
      exchange.closeConnection();
    }
  }

  private void refuse(Problem problem) {
    done = true;
    array = new byte[0];
    exchange.problemAndClose(problem);
  }
}
