package io.lockstep.http.server;

import org.jspecify.annotations.Nullable;

/**
 * The id under which a request is spoken of: the client's own if it is a decent one, else that of
 * its trace, else ours.
 */
final class RequestIds {
  private static final int LENGTH_MAX = 64;
  private static final int RADIX = 36;

  private RequestIds() {}

  /**
   * The id of a request.
   *
   * @param given the header Request-Id
   * @param traceId of the trace that it belongs to
   */
  static String of(@Nullable String given, @Nullable String traceId, ServerParts parts) {
    if (given != null && decent(given)) {
      return given;
    }
    if (traceId != null) {
      return traceId;
    }
    return parts.idPrefix() + Long.toString(parts.ids().incrementAndGet(), RADIX);
  }

  private static boolean decent(String text) {
    if (text.isEmpty() || text.length() > LENGTH_MAX) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letterOrDigit = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!letterOrDigit && c != '-' && c != '_' && c != '.') {
        return false;
      }
    }
    return true;
  }
}
