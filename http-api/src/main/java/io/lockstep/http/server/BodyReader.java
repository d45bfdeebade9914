package io.lockstep.http.server;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Problems;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Reads one request's body into memory, never more than allowed, and not for ever. */
final class BodyReader {
  private static final byte[] NOTHING = new byte[0];

  private final Exchange exchange;
  private final int bytesMax;
  private final ProblemCode tooLarge;
  private final Consumer<Bytes> then;
  private final long startedNanos;
  private final int sizeHint;
  private byte[] array = NOTHING;
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
    this.sizeHint = Math.min(sizeHint, bytesMax);
  }

  void start(HttpServerRequest request) {
    request.handler(this::chunk).endHandler(nothing -> end()).exceptionHandler(e -> broken());
  }

  /** Gives up when too much time has passed; whether this reader is done in any case. */
  boolean expireAt(long nowNanos) {
    long millis = exchange.loop().options().times().bodyMillisMax();
    if (!done && exchange.over()) {
      drop();
    } else if (!done && nowNanos - startedNanos > TimeUnit.MILLISECONDS.toNanos(millis)) {
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
      int wanted = Math.max(size + length, Math.max(array.length * 2, sizeHint));
      int grown = Math.min(bytesMax, wanted);
      if (!take(grown - array.length)) {
        refuse(
            Problem.of(ProblemCode.OVERLOADED, "too many bodies are being read")
                .retryAfter(Problems.jittered()));
        return;
      }
      array = Arrays.copyOf(array, grown);
    }
    chunk.getBytes(0, length, array, size);
    size += length;
  }

  private void end() {
    if (!done) {
      done = true;
      byte[] body = size == array.length ? array : Arrays.copyOf(array, size);
      give(array.length);
      array = NOTHING;
      exchange.bodyTaken();
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
    drop();
    exchange.problemAndClose(problem);
  }

  /** The connection is gone, or nothing more is wanted. */
  private void drop() {
    done = true;
    give(array.length);
    array = NOTHING;
  }

  /** Takes memory for {@code bytes} more; whether there is some. */
  private boolean take(int bytes) {
    return exchange.loop().takeBodyBytes(bytes);
  }

  private void give(int bytes) {
    exchange.loop().giveBodyBytes(bytes);
  }
}
