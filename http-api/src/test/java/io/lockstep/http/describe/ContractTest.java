package io.lockstep.http.describe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.HttpOptions;
import io.lockstep.http.HttpOptions.Sizes;
import io.lockstep.http.HttpOptions.Times;
import io.lockstep.http.describe.Description.Operation;
import io.lockstep.http.fixture.Compaction;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNetwork;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Trio;
import io.lockstep.http.fixture.Waiting;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.storage.LogStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Each operation is driven to each of its documented statuses, on real nodes; each answer's status,
 * headers, form and body are as documented.
 */
class ContractTest {
  private static final String LONG = "y".repeat(17 << 10);

  /** Whatever status it has. */
  private static final int ANY = 0;

  private static final HttpOptions DEFAULT = HttpOptions.listen("127.0.0.1", 0);

  private final Contract contract = new Contract();

  @Test
  void eachDocumentedStatusIsGivenAndEachAnswerIsAsDocumented() throws Exception {
    try (TestNode node = TestNode.lone(DEFAULT)) {
      refusedAtTheDoor(node.client());
      new StateScript(contract, node).run();
    }
    slowBodies();
    tooManyConnections();
    stopping();
    codes();
    wrongRequests();
    withoutALeader();
    withoutRoom();
    notConfirmed();
    try (Trio trio = new Trio()) {
      new ClusterScript(contract, trio).run();
    }
    notCommitted();
    assertEquals(Map.of(), contract.unseen(), "documented, and never given");
    assertEquals(List.of(), contract.faults(), () -> String.join("\n", contract.faults()));
    List<String> undriven = UndrivenCodes.faults(contract);
    assertEquals(List.of(), undriven, () -> String.join("\n", undriven));
  }

  @Test
  void whatIsNotAsDocumentedIsFound() throws Exception {
    try (TestNode node = TestNode.lone(DEFAULT)) {
      Response fine = node.client().get("/livez");
      contract.expect(200, "GET", "/livez", fine);
      assertEquals(List.of(), contract.faults());
      contract.expect(201, "GET", "/livez", fine);
      assertEquals(1, contract.faults().size(), "another status than is expected");
      contract.check("GET", "/v1/cluster", fine);
      assertFalse(contract.faults().size() < 3, "another body than is documented");
      contract.check("GET", "/nothing", fine);
      contract.check("DELETE", "/livez", fine);
      assertFalse(contract.faults().size() < 5, "what is not documented at all");
    }
  }

  private List<Operation> documenting(int status) {
    return contract.description.operations().stream()
        .filter(one -> !contract.description.response(one, status).isMissingNode())
        .toList();
  }

  private static boolean tagged(Operation operation, String tag) {
    return operation.node().path("tags").path(0).asText().equals(tag);
  }

  private boolean takes(Operation operation, String header) {
    return contract.description.parameters(operation).stream()
        .map(parameter -> parameter.path("name").asText())
        .anyMatch(header::equals);
  }

  /** What is refused whatever the state is. */
  private void refusedAtTheDoor(Http http) throws IOException {
    for (Operation operation : contract.description.operations()) {
      String target = contract.description.example(operation);
      String body = contract.description.exampleBody(operation);
      String more = target + (target.contains("?") ? "&" : "?") + "unknown=1";
      refused(http, operation, 400, more, body);
      if (!operation.node().has("requestBody")) {
        refused(http, operation, 400, target, "unexpected");
      }
      refused(http, operation, 403, target, body, "Origin: http://elsewhere.example");
      refused(http, operation, 406, target, body, "Accept: image/png");
      refused(http, operation, 414, target + "?x=" + LONG, body);
      refused(http, operation, 415, target, body, "Content-Encoding: gzip");
      refused(http, operation, 431, target, body, "X-Long: " + LONG);
      if (takes(operation, "Request-Timeout") && !operation.id().startsWith("watch")) {
        // The voter of the example is not there, which would be said first.
        String bare = operation.id().equals("transferLeadership") ? "" : body;
        refused(http, operation, 422, target, bare, "Request-Timeout: 2m");
      }
      if (!contract.description.response(operation, 413).isMissingNode()) {
        String head = operation.method() + " " + target + " HTTP/1.1\r\nHost: localhost\r\n";
        Response answer = http.raw(head + "Content-Length: 99999999\r\n\r\n");
        contract.expect(413, operation.method(), target, answer);
      }
    }
  }

  private void refused(
      Http http, Operation operation, int status, String target, String body, String... headers)
      throws IOException {
    if (!contract.description.response(operation, status).isMissingNode()) {
      contract.ask(http, status, operation.method(), target, body, headers);
    }
  }

  /** Sends what comes to pass, each on a connection of its own; then looks at the answers. */
  private void all(Http http, int status, List<Operation> operations, String... headers)
      throws IOException {
    List<Http.Connection> connections = new ArrayList<>();
    try {
      for (Operation operation : operations) {
        Http.Connection connection = http.connect();
        connections.add(connection);
        // Without the wait that an example asks for, which comes on top of the deadline.
        String body =
            contract.description.exampleBody(operation).replaceAll(",\"wait\":\"\\d+s\"", "");
        connection.send(
            operation.method(),
            contract.description.example(operation),
            body.getBytes(UTF_8),
            takes(operation, "Idempotency-Key")
                ? with(headers, "Idempotency-Key: " + operation.id())
                : headers);
      }
      for (int i = 0; i < operations.size(); i++) {
        Operation operation = operations.get(i);
        Response answer = connections.get(i).answerOrStreamHead(false);
        String target = contract.description.example(operation);
        if (status == ANY) {
          contract.check(operation.method(), target, answer);
        } else {
          contract.expect(status, operation.method(), target, answer);
        }
      }
    } finally {
      for (Http.Connection connection : connections) {
        connection.close();
      }
    }
  }

  private static String[] with(String[] headers, String more) {
    String[] all = Arrays.copyOf(headers, headers.length + 1);
    all[headers.length] = more;
    return all;
  }

  private void slowBodies() throws IOException {
    Times quick = new Times(200, 10_000, 75_000, 60_000, 5_000, 1_000);
    HttpOptions options = new HttpOptions("127.0.0.1", 0, 1, Sizes.DEFAULT, quick, List.of());
    try (TestNode node = TestNode.lone(options)) {
      List<Http.Connection> connections = new ArrayList<>();
      List<Operation> operations = documenting(408);
      for (Operation operation : operations) {
        Http.Connection connection = node.client().connect();
        connections.add(connection);
        connection.write(
            operation.method()
                + " "
                + contract.description.example(operation)
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n{");
      }
      for (int i = 0; i < operations.size(); i++) {
        Operation operation = operations.get(i);
        String target = contract.description.example(operation);
        contract.expect(408, operation.method(), target, connections.get(i).answer(false));
        connections.get(i).close();
      }
    }
  }

  private void tooManyConnections() throws IOException {
    Sizes d = Sizes.DEFAULT;
    Sizes narrow =
        new Sizes(
            d.headerBytesMax(),
            d.targetBytesMax(),
            d.bodyBytesMax(),
            d.bodiesBytesMax(),
            d.pageBytesMax(),
            d.streamBytesMax(),
            d.connectionsMax(),
            1);
    HttpOptions options = new HttpOptions("127.0.0.1", 0, 1, narrow, Times.DEFAULT, List.of());
    try (TestNode node = TestNode.lone(options);
        Http.Connection only = node.client().connect()) {
      only.send("GET", "/livez", new byte[0]);
      contract.expect(200, "GET", "/livez", only.answer(false));
      all(node.client(), 429, documenting(429));
    }
  }

  private void stopping() throws Exception {
    try (TestNode node = TestNode.lone(DEFAULT);
        Http.Connection open = node.client().connect()) {
      // What comes with a request that was answered has been taken, too: the node waits for its
      // end.
      open.write(
          "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
              + "PUT /v1/kv/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n1");
      assertEquals(200, open.answer(false).status());
      Thread closing = new Thread(node::closeHttp);
      closing.start();
      Waiting.until("it is stopping", () -> node.client().get("/livez").status() == 503);
      all(node.client(), 503, documenting(503));
      open.write("2345");
      open.answer(false);
      closing.join();
    }
  }

  private void codes() throws Exception {
    try (TestNode node = TestNode.lone(DEFAULT)) {
      new CodeScript(contract, node).run();
    }
  }

  private void wrongRequests() throws IOException {
    try (TestNode node = TestNode.lone(DEFAULT)) {
      new WrongRequests(contract, node.client()).run();
    }
  }

  /** One of three, which hears of no other: it knows no leader, no key and not how old it is. */
  private void withoutALeader() throws IOException {
    List<NodeId> three = List.of(new NodeId("n1"), new NodeId("n2"), new NodeId("n3"));
    try (TestNode node = new TestNode(three.getFirst(), three, new TestNetwork(), DEFAULT)) {
      node.start();
      all(node.client(), ANY, documenting(503), "Request-Timeout: 100ms");
      for (Operation operation : documenting(503)) {
        String target = contract.description.example(operation);
        String and = target + (target.contains("?") ? "&" : "?");
        String body = contract.description.exampleBody(operation);
        if (takes(operation, "max_staleness")) {
          contract.ask(node.client(), 503, operation.method(), and + "max_staleness=1ms", body);
        }
        if (takes(operation, "signed")) {
          String ticket = "ticket=t-0000000000000001ffffff&signed";
          contract.ask(node.client(), 503, operation.method(), and + ticket, "");
        } else if (takesField(operation, "signed")) {
          String signed = body.replaceFirst("}$", ",\"signed\":true}");
          contract.ask(node.client(), 503, operation.method(), target, signed);
        }
      }
    }
  }

  private boolean takesField(Operation operation, String name) {
    JsonNode schema = operation.node().at("/requestBody/content/application~1json/schema");
    return contract.description.resolve(schema).path("properties").has(name);
  }

  /** Neither the table of answers nor the disk takes any more. */
  private void withoutRoom() throws IOException {
    try (TestNode node = TestNode.lone(DEFAULT)) {
      Compaction.storedAnswers(node, 1);
      contract.ask(node.client(), 201, "PUT", "/v1/kv/first", "x", "Idempotency-Key: first");
      for (Operation operation : documenting(429)) {
        if (takes(operation, "Idempotency-Key")) {
          one(node.client(), operation, "Idempotency-Key: second");
        }
      }
    }
    try (TestNode node = TestNode.lone(DEFAULT)) {
      node.log.room(LogStore.Room.RESERVE);
      Waiting.until("no room", () -> node.client().put("/v1/kv/a", "x").status() == 507);
      for (Operation operation : documenting(507)) {
        one(node.client(), operation, "Request-Timeout: 100ms");
      }
    }
  }

  /** Whatever it answers. */
  private void one(Http http, Operation operation, String header) throws IOException {
    String target = contract.description.example(operation);
    String body = contract.description.exampleBody(operation);
    contract.check(operation.method(), target, http.call(operation.method(), target, body, header));
  }

  /** What has to wait for the state, while the state stands still. */
  private void notConfirmed() throws IOException {
    try (TestNode node = TestNode.lone(DEFAULT)) {
      Waiting.until("it is set up", () -> node.coordinator.view().limits().quotaBytes() > 0);
      Runnable resume = node.pauseApplying();
      try {
        List<Operation> reads =
            documenting(504).stream()
                .filter(one -> one.method().equals("GET") || tagged(one, "watches"))
                .toList();
        contract.ask(node.client(), 504, "PUT", "/v1/kv/a", "x", "Request-Timeout: 100ms");
        all(node.client(), 504, reads, "Request-Timeout: 200ms");
      } finally {
        resume.run();
      }
    }
  }

  /** What the leader takes and nobody else gets. */
  private void notCommitted() throws IOException {
    try (Trio trio = new Trio()) {
      Waiting.until("it is set up", () -> trio.leader.coordinator.view().limits().quotaBytes() > 0);
      // With a block at hand, so that it is the stored answer that is not committed.
      contract.ask(trio.leader.client(), 200, "POST", "/v1/ids/order:next", "");
      trio.network.holdEntries(true);
      List<Operation> writes = new ArrayList<>();
      for (Operation operation : documenting(504)) {
        if (takes(operation, "Idempotency-Key")) {
          writes.add(operation);
        }
      }
      all(trio.leader.client(), 504, writes, "Request-Timeout: 300ms");
      trio.network.holdEntries(false);
    }
  }
}
