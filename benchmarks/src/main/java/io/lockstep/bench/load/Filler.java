package io.lockstep.bench.load;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.CompletableFuture;

/** Writes every key once, so that reads find something. */
final class Filler {
  private Filler() {}

  /** Blocks until all keys are written; fails on the first answer that is no success. */
  static void fill(Vertx vertx, String node, Work work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    int colon = node.lastIndexOf(':');
    vertx
        .createNetClient(new NetClientOptions().setTcpNoDelay(true))
        .connect(Integer.parseInt(node.substring(colon + 1)), node.substring(0, colon))
        .onFailure(done::completeExceptionally)
        .onSuccess(socket -> fill(socket, node, work, done));
    done.join();
  }

  private static void fill(NetSocket socket, String node, Work work, CompletableFuture<Void> done) {
    int[] next = {0};
    AnswerParser parser =
        new AnswerParser(
            status -> {
              if (status >= 300) {
                done.completeExceptionally(
                    new IllegalStateException("a put was answered " + status));
              } else if (++next[0] == work.keys()) {
                done.complete(null);
                socket.close();
              } else {
                socket.write(Buffer.buffer(work.fill(next[0], node)));
              }
            });
    socket.handler(parser::accept);
    socket.closeHandler(
        ignored -> done.completeExceptionally(new IllegalStateException("connection closed")));
    socket.write(Buffer.buffer(work.fill(0, node)));
  }
}
