package io.lockstep.raft.peer;

import java.util.regex.Pattern;

/**
 * Where a node listens for its peers, or where it finds one. Loopback only: peers are not
 * authenticated by anything stronger than their directories' ids, so nothing but this machine may
 * reach them until mutual TLS is there.
 *
 * @param host a literal address of 127.0.0.0/8, or {@code ::1}; {@code localhost} becomes
 *     127.0.0.1, without asking a resolver
 * @param port 0 to 65535; 0 to listen on any free one
 */
public record PeerAddress(String host, int port) {
  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern LOOPBACK =
      Pattern.compile("127\\." + OCTET + "\\." + OCTET + "\\." + OCTET);
  private static final Pattern PORT = Pattern.compile("\\d{1,5}");

  public PeerAddress {
    host = host.equals("localhost") ? "127.0.0.1" : host;
    if (!host.equals("::1") && !LOOPBACK.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "peer address '"
              + host
              + "' is not a loopback address: without mutual TLS a node listens for peers, and"
              + " finds them, on 127.0.0.0/8, ::1 or localhost only");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("a port is 0 to 65535, not " + port);
    }
  }

  /**
   * Reads {@code host:port} or {@code [::1]:port}; throws {@link IllegalArgumentException} that
   * says what is wrong.
   */
  public static PeerAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 1 || !PORT.matcher(port).matches()) {
      throw new IllegalArgumentException("a peer address is host:port, not '" + text + "'");
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (host.indexOf(':') >= 0 && !bracketed) {
      throw new IllegalArgumentException("an IPv6 peer address is [host]:port, not '" + text + "'");
    }
    return new PeerAddress(
        bracketed ? host.substring(1, host.length() - 1) : host, Integer.parseInt(port));
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
