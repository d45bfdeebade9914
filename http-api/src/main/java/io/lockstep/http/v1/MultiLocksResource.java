package io.lockstep.http.v1;

import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;

/**
 * {@code /v1/locks:acquire}, or {@code /v1/locks?verb=acquire}: several locks together, all of them
 * or none.
 */
public final class MultiLocksResource implements Resource {
  /** The path with its only verb. */
  public static final String PATH = "/v1/locks:acquire";

  /** The path for those who cannot send colons. */
  public static final String PLAIN_PATH = "/v1/locks";

  private final LockAcquisition acquisition;

  public MultiLocksResource(Coordinator coordinator, SignedGrants grants) {
    this.acquisition = new LockAcquisition(coordinator, grants);
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    if (exchange.method().equals("POST")) {
      exchange.route("POST /v1/locks:acquire");
      String verb = exchange.query().text("verb");
      boolean known = verb == null ? exchange.target().path().equals(PATH) : verb.equals("acquire");
      if (!known) {
        throw Verbs.unknown(verb == null ? "" : verb);
      }
      acquisition.serveTogether(exchange);
    } else {
      Methods.notAllowed(exchange, "POST");
    }
  }
}
