package io.lockstep.http.server;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the resource of a raw path. Prefixes are tried in the order in which they were added, the
 * busiest first. Immutable once in use.
 */
public final class Router {
  private record Route(String path, boolean prefix, Resource resource) {
    boolean matches(String rawPath) {
      return prefix ? rawPath.startsWith(path) : rawPath.equals(path);
    }
  }

  private final List<Route> routes = new ArrayList<>();

  /** {@code resource} serves all paths that start with {@code prefix}. */
  public Router prefix(String prefix, Resource resource) {
    routes.add(new Route(prefix, true, resource));
    return this;
  }

  /** {@code resource} serves this one path. */
  public Router exact(String path, Resource resource) {
    routes.add(new Route(path, false, resource));
    return this;
  }

  void serve(Exchange exchange) {
    String path = exchange.target().path();
    for (Route route : routes) {
      if (route.matches(path)) {
        route.resource().serve(exchange);
        return;
      }
    }
    exchange.problem(Problem.of(ProblemCode.NO_SUCH_ROUTE, "nothing is served at this path"));
  }
}
