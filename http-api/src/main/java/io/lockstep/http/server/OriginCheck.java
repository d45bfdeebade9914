package io.lockstep.http.server;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.response.Names;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Refuses changing requests that a browser sends for a page of another origin: any web page can
 * post to a loopback address. Other clients send neither header.
 */
public final class OriginCheck {
  private final List<String> allowed;

  public OriginCheck(List<String> allowed) {
    this.allowed = allowed;
  }

  /** Throws {@link Rejected} for a changing request from elsewhere. */
  public void check(Exchange exchange) {
    String origin = exchange.header(HttpHeaders.ORIGIN);
    String site = exchange.header(Names.SEC_FETCH_SITE);
    if (origin == null && site == null) {
      return;
    }
    if (origin != null && allowed.contains(origin)) {
      return;
    }
    boolean foreignSite = site != null && !site.equals("same-origin") && !site.equals("none");
    boolean foreignOrigin = origin != null && !sameHost(origin, exchange.header(HttpHeaders.HOST));
    if (foreignSite || foreignOrigin) {
      throw new Rejected(
          Problem.of(
              ProblemCode.CROSS_ORIGIN, "pages of another origin may not change anything here"));
    }
  }

  private static boolean sameHost(String origin, @Nullable String host) {
    if (host == null) {
      return false;
    }
    String lower = origin.toLowerCase(Locale.ROOT);
    String authority = host.toLowerCase(Locale.ROOT);
    return lower.equals("http://" + authority) || lower.equals("https://" + authority);
  }
}
