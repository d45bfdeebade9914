package io.lockstep.ops.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * What a node that joins asks in a cluster's place: it passes requests on to the nodes, in turn,
 * and puts the proxies of the joining node in the place of the addresses that they name, as a
 * network would whose addresses are not those that processes listen on.
 */
final class JoinDoor implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final HttpServer server;
  private final Supplier<List<LocalNode>> nodes;
  private final SortedMap<String, Integer> ways;
  private final AtomicInteger turn = new AtomicInteger();

  private JoinDoor(Supplier<List<LocalNode>> nodes, SortedMap<String, Integer> ways)
      throws IOException {
    this.nodes = nodes;
    this.ways = ways;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::pass);
    server.start();
  }

  /**
   * Opens one.
   *
   * @param ways the port to name for each node, the joining one included
   */
  static JoinDoor open(Supplier<List<LocalNode>> nodes, SortedMap<String, Integer> ways)
      throws IOException {
    return new JoinDoor(nodes, ways);
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void pass(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      List<LocalNode> there = nodes.get().stream().filter(LocalNode::alive).toList();
      Http.Answer answer =
          there.isEmpty()
              ? new Http.Answer(0, "nobody is there", null, null)
              : Http.send(
                  exchange.getRequestMethod(),
                  there
                      .get(turn.getAndIncrement() % there.size())
                      .uri(exchange.getRequestURI().toString()),
                  renamed(body),
                  ANSWER);
      byte[] told = renamed(answer.body()).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status() == 0 ? 502 : answer.status(), told.length);
      exchange.getResponseBody().write(told);
    }
  }

  /** What is no JSON names no member. */
  private String renamed(String text) {
    try {
      JsonNode tree = MAPPER.readTree(text);
      rename(tree);
      tree.path("members").forEach(this::rename);
      return text.isEmpty() ? text : tree.toString();
    } catch (IOException foreign) {
      return text;
    }
  }

  private void rename(JsonNode member) {
    Integer port = ways.get(member.path("id").asText());
    if (member instanceof ObjectNode named && named.has("peer") && port != null) {
      named.put("peer", "127.0.0.1:" + port);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
