package io.lockstep.http.server;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.vertx.core.http.HttpHeaders;

/** Refusals of what a route does not do. */
public final class Methods {
  private Methods() {}

  /** The answer to a method that the route does not have. */
  public static void notAllowed(Exchange exchange, String allow) {
    exchange.with(HttpHeaders.ALLOW, allow);
    exchange.problem(
        Problem.of(ProblemCode.METHOD_NOT_ALLOWED, "this route has " + allow).with("allow", allow));
  }

  /** Throws unless the method is GET or HEAD; such a request has no body. */
  public static void readOnly(Exchange exchange) {
    String method = exchange.method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.with(HttpHeaders.ALLOW, "GET, HEAD");
      throw new Rejected(
          Problem.of(ProblemCode.METHOD_NOT_ALLOWED, "this route has GET, HEAD")
              .with("allow", "GET, HEAD"));
    }
    exchange.refuseBody();
  }
}
