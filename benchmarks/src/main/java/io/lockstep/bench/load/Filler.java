package io.lockstep.bench.load;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes every key once, so that reads find something, over connections spread over the nodes. */
final class Filler {
  private final Work work;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  private Filler(Work work) {
    this.work = work;
  }

  /** Blocks until all keys are written; fails on the first answer that is no success. */
  static void fill(Vertx vertx, List<String> nodes, Work work, int connections) {
    Filler filler = new Filler(work);
    NetClient client = vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
    // One context owns all connections, and with them the work, which is no one else's meanwhile.
    vertx
        .getOrCreateContext()
        .runOnContext(
            ignored -> {
              for (int i = 0; i < Math.min(connections, work.keys()); i++) {
                filler.connect(client, nodes.get(i % nodes.size()));
              }
            });
    filler.done.join();
    client.close();
  }

  private void connect(NetClient client, String node) {
    int colon = node.lastIndexOf(':');
    client
        .connect(Integer.parseInt(node.substring(colon + 1)), node.substring(0, colon))
        .onFailure(done::completeExceptionally)
        .onSuccess(socket -> begin(socket, node));
  }

  private void begin(NetSocket socket, String node) {
    AnswerParser parser = new AnswerParser(status -> answered(status, socket, node));
    socket.handler(parser::accept);
    socket.closeHandler(
        ignored -> done.completeExceptionally(new IllegalStateException("connection closed")));
    send(socket, node);
  }

  private void answered(int status, NetSocket socket, String node) {
    if (status >= 300) {
      done.completeExceptionally(new IllegalStateException("a put was answered " + status));
    } else if (answered.incrementAndGet() == work.keys()) {
      done.complete(null);
    } else {
      send(socket, node);
    }
  }

  private void send(NetSocket socket, String node) {
    int key = next.getAndIncrement();
    if (key < work.keys()) {
      socket.write(Buffer.buffer(work.fill(key, node)));
    }
  }
}
