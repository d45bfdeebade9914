package io.lockstep.ops.config;

/**
 * A host and a port, written {@code host:port}; an IPv6 host stands in brackets.
 *
 * @param host a name or an address, without brackets
 * @param port 1 to 65,535
 */
public record Address(String host, int port) {
  private static final int PORT_MAX = 65_535;

  public Address {
    if (host.isBlank()) {
      throw new IllegalArgumentException("an address is host:port, and the host is missing");
    }
    if (port < 1 || port > PORT_MAX) {
      throw new IllegalArgumentException("a port is between 1 and " + PORT_MAX + ", not " + port);
    }
  }

  /** Reads {@code host:port}; throws {@link IllegalArgumentException} that says what is wrong. */
  public static Address parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("an address is host:port, not '" + text + "'");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException("an IPv6 host stands in brackets, as in [::1]:8400");
    }
    return new Address(host, parsePort(text.substring(colon + 1), text));
  }

  private static int parsePort(String digits, String text) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(
          "an address is host:port, and '" + digits + "' in '" + text + "' is no port", notANumber);
    }
  }

  /** Whether it stands for all addresses of the host, so that nobody can be sent to it. */
  public boolean isWildcard() {
    return host.equals("0.0.0.0") || host.matches("[0:]*:[0:]*");
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
