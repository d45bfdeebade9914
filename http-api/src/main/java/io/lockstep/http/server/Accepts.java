package io.lockstep.http.server;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Chooses the form of an answer by the header Accept. */
public final class Accepts {
  private static final String WHATEVER = "*/*";

  private Accepts() {}

  /** Throws unless JSON is acceptable. */
  public static void json(Exchange exchange) {
    only(exchange, "application/json");
  }

  /** Throws unless {@code type} is acceptable. */
  public static void only(Exchange exchange, String type) {
    String accept = exchange.header(HttpHeaders.ACCEPT);
    if (accept != null && !accept.equals(WHATEVER) && quality(accept, type) <= 0) {
      throw notAcceptable(type);
    }
  }

  /**
   * Whether the second of two forms is preferred over the first; throws when neither is acceptable.
   * Without a preference it is the first.
   */
  public static boolean second(@Nullable String accept, String first, String second) {
    if (accept == null || accept.equals(WHATEVER)) {
      return false;
    }
    int firstQuality = quality(accept, first);
    int secondQuality = quality(accept, second);
    if (firstQuality <= 0 && secondQuality <= 0) {
      throw notAcceptable(first + " or " + second);
    }
    return secondQuality > firstQuality;
  }

  private static Rejected notAcceptable(String forms) {
    return new Rejected(
        Problem.of(ProblemCode.NOT_ACCEPTABLE, "the answer is available as " + forms));
  }

  /** How much {@code type} is wanted, in thousandths; 0 when it is not. */
  private static int quality(String accept, String type) {
    int best = -1;
    int bestQuality = 0;
    for (String range : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = range.split(";", -1);
      int fit = fit(parts[0].trim(), type);
      if (fit > best) {
        best = fit;
        bestQuality = weight(parts);
      }
    }
    return bestQuality;
  }

  /** How exactly a media range names {@code type}; negative when it does not. */
  private static int fit(String range, String type) {
    if (range.equals(type)) {
      return 2;
    }
    if (range.endsWith("/*") && type.startsWith(range.substring(0, range.length() - 1))) {
      return 1;
    }
    return range.equals(WHATEVER) ? 0 : -1;
  }

  private static int weight(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].trim();
      if (parameter.startsWith("q=")) {
        try {
          return (int) Math.round(Double.parseDouble(parameter.substring(2)) * 1_000);
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 1_000;
  }
}
