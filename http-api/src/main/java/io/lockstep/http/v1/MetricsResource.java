package io.lockstep.http.v1;

import io.lockstep.http.MetricsPage;
import io.lockstep.http.error.Fate;
import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.vertx.core.buffer.Buffer;

/** {@code /metrics}: the process's figures, gathered off the loop. */
public final class MetricsResource implements Resource {
  /** The route. */
  public static final String PATH = "/metrics";

  private final MetricsPage page;

  public MetricsResource(MetricsPage page) {
    this.page = page;
  }

  @Override
  public void serve(Exchange exchange) {
    exchange.route("GET /metrics");
    Methods.readOnly(exchange);
    exchange.query().finish();
    long revision = exchange.parts().face().revision();
    exchange
        .loop()
        .context()
        .executeBlocking(page::text, false)
        .onSuccess(text -> exchange.send(200, revision, page.contentType(), Buffer.buffer(text)))
        .onFailure(
            failure ->
                exchange.problem(
                    Problem.of(ProblemCode.INTERNAL, "the figures could not be gathered")
                        .withFate(Fate.NOT_APPLIED)));
  }
}
