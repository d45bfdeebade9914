package io.lockstep.bench.wire;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * One keep-alive connection to one node. Requests are answered in their order. Owned by the event
 * loop that opened it.
 */
public final class Line {
  private final String node;
  private final NetSocket socket;

  /**
   * Named here so that it lives as long: Vert.x closes the connections of an unreachable client.
   */
  @SuppressWarnings({"unused", "FieldCanBeLocal"}) // reachability is its use
  private final NetClient client;

  private final ArrayDeque<Consumer<Answer>> waiting = new ArrayDeque<>();

  private Line(NetClient client, String node, NetSocket socket) {
    this.client = client;
    this.node = node;
    this.socket = socket;
    AnswerParser parser = new AnswerParser(answer -> waiting.remove().accept(answer));
    socket.handler(parser::accept);
  }

  /** Connects to {@code node}, {@code host:port}. */
  public static Future<Line> open(NetClient client, String node) {
    int colon = node.lastIndexOf(':');
    return client
        .connect(Integer.parseInt(node.substring(colon + 1)), node.substring(0, colon))
        .map(socket -> new Line(client, node, socket));
  }

  /** Calls {@code ended} when the connection is closed, by whomever. */
  public void onEnd(Runnable ended) {
    socket.closeHandler(ignored -> ended.run());
  }

  /** Asks; {@code then} gets the answer. */
  public void ask(String method, String path, String body, Consumer<Answer> then) {
    waiting.add(then);
    socket.write(request(method, path, body, ""));
  }

  /**
   * Asks for a stream of JSON objects, one a line; {@code pieces} gets all that comes from now on
   * as it comes, the head and the framing of chunks included. Succeeds when the stream begins, and
   * fails with what came in its place.
   */
  public Future<Void> stream(String method, String path, String body, Handler<Buffer> pieces) {
    Promise<Void> begun = Promise.promise();
    socket.handler(
        piece -> {
          if (!begun.future().isComplete()) {
            if (piece.toString().startsWith("HTTP/1.1 200 ")) {
              begun.complete();
            } else {
              begun.fail("no stream: " + piece);
            }
          }
          pieces.handle(piece);
        });
    socket.closeHandler(closed -> begun.tryFail(node + " closed the connection"));
    socket.write(request(method, path, body, "Accept: application/x-ndjson\r\n"));
    return begun.future();
  }

  private Buffer request(String method, String path, String body, String headers) {
    return Buffer.buffer(
        method
            + " "
            + path
            + " HTTP/1.1\r\nHost: "
            + node
            + "\r\nContent-Type: text/plain\r\n"
            + headers
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  public void close() {
    socket.close();
  }
}
