package io.lockstep.ops.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * A resource outside the service, which cannot remember tokens itself: before each write it
 * advances a fence of the service's, and refuses what the fence refuses. {@code PUT /?token=T}.
 */
final class FencedStore implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final HttpServer server;
  private final String fence;
  private final Supplier<LocalNode> node;
  private volatile String value = "";

  FencedStore(String fence, Supplier<LocalNode> node) throws IOException {
    this.fence = fence;
    this.node = node;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::put);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  String value() {
    return value;
  }

  static URI uri(int port, long token) {
    return URI.create("http://127.0.0.1:" + port + "/?token=" + token);
  }

  private void put(HttpExchange exchange) throws IOException {
    String token = exchange.getRequestURI().getQuery().substring("token=".length());
    String written = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    URI advance = node.get().uri("/v1/fences/" + fence + ":advance");
    Http.Answer answer = Http.send("POST", advance, "{\"token\":" + token + "}", PATIENCE);
    if (answer.status() == 200) {
      value = written;
    }
    exchange.sendResponseHeaders(answer.status(), -1);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
