package io.lockstep.http;

import io.lockstep.raft.Invariant;
import java.util.List;

/**
 * What a node's HTTP interface may take.
 *
 * @param host the address to listen on
 * @param port the port to listen on, 0 for any free one
 * @param loops how many event loops serve, each with a server of its own on the shared port
 * @param originsAllowed further origins whose pages may send changing requests, such as {@code
 *     https://console.example}
 */
public record HttpOptions(
    String host, int port, int loops, Sizes sizes, Times times, List<String> originsAllowed) {

  /**
   * Bounds on sizes and counts.
   *
   * @param headerBytesMax a request's headers; more is 431
   * @param targetBytesMax a request's first line; more is 414
   * @param bodyBytesMax a request's body; more is 413
   * @param bodiesBytesMax all bodies that one loop is reading together; more is 503
   * @param pageBytesMax about how many bytes one page of a range holds
   * @param streamBytesMax what may wait in the socket of a stream before it pauses
   * @param connectionsMax connections in all
   * @param connectionsPerAddressMax connections from one address
   */
  public record Sizes(
      int headerBytesMax,
      int targetBytesMax,
      int bodyBytesMax,
      long bodiesBytesMax,
      int pageBytesMax,
      int streamBytesMax,
      int connectionsMax,
      int connectionsPerAddressMax) {

    /** As documented. */
    public static final Sizes DEFAULT =
        new Sizes(16 << 10, 16 << 10, 1_536 << 10, 64 << 20, 1 << 20, 256 << 10, 20_000, 2_000);

    public Sizes {
      Invariant.check(headerBytesMax > 0 && targetBytesMax > 0, "limits are positive");
      Invariant.check(bodyBytesMax > 0 && bodiesBytesMax >= bodyBytesMax, "limits are positive");
      Invariant.check(streamBytesMax > 0 && pageBytesMax > 0, "limits are positive");
      Invariant.check(connectionsMax > 0 && connectionsPerAddressMax > 0, "limits are positive");
    }
  }

  /**
   * Bounds on times.
   *
   * @param bodyMillisMax how long a body may take; longer is 408
   * @param firstRequestMillisMax how long a new connection may be without a complete head
   * @param idleMillisMax how long a connection may be without a request
   * @param streamStalledMillisMax how long a stream's reader may take nothing before it is cut off
   * @param progressMillis how often a quiet watch is told how far it is complete
   * @param slowWriteMillis a write that takes longer, body and asked-for wait aside, is logged
   */
  public record Times(
      long bodyMillisMax,
      long firstRequestMillisMax,
      long idleMillisMax,
      long streamStalledMillisMax,
      long progressMillis,
      long slowWriteMillis) {

    /** As documented. */
    public static final Times DEFAULT = new Times(10_000, 10_000, 75_000, 60_000, 5_000, 1_000);

    public Times {
      Invariant.check(bodyMillisMax > 0 && firstRequestMillisMax > 0, "limits are positive");
      Invariant.check(idleMillisMax > 0 && progressMillis > 0, "limits are positive");
      Invariant.check(streamStalledMillisMax > 0 && slowWriteMillis > 0, "limits are positive");
    }
  }

  public HttpOptions {
    Invariant.check(port >= 0 && port <= 65_535, "a port is a 16-bit number");
    Invariant.check(loops > 0, "at least one loop serves");
    originsAllowed = List.copyOf(originsAllowed);
  }

  /** The defaults on this address, with one event loop. */
  public static HttpOptions listen(String host, int port) {
    return new HttpOptions(host, port, 1, Sizes.DEFAULT, Times.DEFAULT, List.of());
  }
}
