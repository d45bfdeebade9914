package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A process that serves shards: it tells its name to whoever connects, and its address to the
 * service, under a lease that it renews until it is killed.
 */
final class ShardWorker {
  /** Where workers say that they are there. */
  static final String WORKERS = "shards/workers/";

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  final String name;
  final String address;
  private final List<LocalNode> nodes;
  private final ServerSocket server;
  private final String lease;
  private final Recurring heartbeat;
  private volatile long renewalSentAt;

  ShardWorker(String name, List<LocalNode> nodes, Duration ttl) throws IOException {
    this.name = name;
    this.nodes = nodes;
    server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    address = "127.0.0.1:" + server.getLocalPort();
    Thread.ofVirtual().start(this::serve);
    renewalSentAt = System.nanoTime();
    Http.Answer grant =
        Http.send(
            "POST",
            nodes.getFirst().uri("/v1/leases"),
            "{\"ttl\":\"" + ttl.toMillis() + "ms\"}",
            PATIENCE);
    assertEquals(201, grant.status(), grant::toString);
    lease = grant.text("id");
    heartbeat =
        Recurring.start(
            "heartbeat-" + name,
            round -> {
              renew();
              round.pause(ttl.toMillis() / 8);
            });
    Http.Answer there =
        Kv.at(nodes.getFirst())
            .put(WORKERS + name + "?lease=" + lease, address, "If-None-Match", "*");
    assertEquals(201, there.status(), there::toString);
  }

  /** When the last renewal was sent that was answered. */
  long renewalSentAt() {
    return renewalSentAt;
  }

  private void renew() {
    for (LocalNode node : nodes) {
      long sent = System.nanoTime();
      if (Http.send("POST", node.uri("/v1/leases/" + lease + ":renew"), "", PATIENCE).status()
          == 200) {
        renewalSentAt = sent;
        return;
      }
    }
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket client = server.accept()) {
        client.getOutputStream().write(name.getBytes(StandardCharsets.UTF_8));
      } catch (IOException closed) {
        // The next client is served, if the worker still lives.
      }
    }
  }

  /** Nobody is there any more, and nobody says so. */
  void kill() throws Exception {
    server.close();
    heartbeat.end();
  }
}
