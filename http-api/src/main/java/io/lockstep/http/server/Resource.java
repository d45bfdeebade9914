package io.lockstep.http.server;

/** What serves the paths of one noun. Called on the exchange's loop. */
public interface Resource {
  /** Answers the exchange, now or later; throws {@code Rejected} for what it cannot understand. */
  void serve(Exchange exchange);
}
