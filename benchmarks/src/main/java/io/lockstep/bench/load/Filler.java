package io.lockstep.bench.load;

import io.lockstep.bench.wire.AnswerParser;
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
  /** So many answers in all may be that nobody could say yes; the put is sent again. */
  private static final int REFUSALS_MAX = 10_000;

  private final Work work;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  private Filler(Work work) {
    this.work = work;
  }

  /**
   * Blocks until all keys are written; fails on the first answer that is no success, nor passes.
   */
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
    Line line = new Line(socket, node);
    AnswerParser parser = new AnswerParser(answer -> line.answered(answer.status()));
    socket.handler(parser::accept);
    socket.closeHandler(
        ignored -> done.completeExceptionally(new IllegalStateException("connection closed")));
    line.sendNext();
  }

  /** One connection and the put that is on it. */
  private final class Line {
    private final NetSocket socket;
    private final String node;
    private int key;

    Line(NetSocket socket, String node) {
      this.socket = socket;
      this.node = node;
    }

    /** A put that was answered 503 or 504 may be sent again: the same value twice is one value. */
    void answered(int status) {
      boolean passes = status == 503 || status == 504;
      if (passes && refusals.incrementAndGet() <= REFUSALS_MAX) {
        send();
      } else if (status >= 300) {
        done.completeExceptionally(new IllegalStateException("a put was answered " + status));
      } else if (answered.incrementAndGet() == work.keys()) {
        done.complete(null);
      } else {
        sendNext();
      }
    }

    void sendNext() {
      key = next.getAndIncrement();
      send();
    }

    private void send() {
      if (key < work.keys()) {
        socket.write(Buffer.buffer(work.fill(key, node)));
      }
    }
  }
}
