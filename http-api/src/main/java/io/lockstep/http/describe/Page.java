package io.lockstep.http.describe;

import io.lockstep.http.error.Fate;
import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.server.Exchange;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A file that is read off the loop when it is first asked for, and kept. Owned by its loop. */
final class Page {
  private final String contentType;
  private final Callable<byte[]> source;
  private @Nullable Buffer content;

  Page(String contentType, Callable<byte[]> source) {
    this.contentType = contentType;
    this.source = source;
  }

  void send(Exchange exchange) {
    Buffer known = content;
    if (known != null) {
      answer(exchange, known);
      return;
    }
    exchange
        .loop()
        .context()
        .executeBlocking(source, false)
        .onSuccess(
            bytes -> {
              Buffer read = Buffer.buffer(bytes);
              content = read;
              answer(exchange, read);
            })
        .onFailure(
            failure ->
                exchange.problem(
                    Problem.of(ProblemCode.INTERNAL, "the page could not be read")
                        .withFate(Fate.NOT_APPLIED)));
  }

  private void answer(Exchange exchange, Buffer bytes) {
    exchange.send(200, exchange.parts().face().revision(), contentType, bytes);
  }
}
