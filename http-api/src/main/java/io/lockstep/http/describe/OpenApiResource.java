package io.lockstep.http.describe;

import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;

/** {@code /openapi.json}: what this interface is, for programs. */
public final class OpenApiResource implements Resource {
  /** The route. */
  public static final String PATH = "/openapi.json";

  private final Page page = new Page("application/json", ApiDescription::bytes);

  @Override
  public void serve(Exchange exchange) {
    exchange.route("GET /openapi.json");
    Methods.readOnly(exchange);
    exchange.query().finish();
    page.send(exchange);
  }
}
