package io.lockstep.http.describe;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockstep.http.describe.Description.Operation;
import io.lockstep.http.fixture.Http;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Gives each parameter, field and header of each operation, one at a time, what it does not take.
 */
final class WrongRequests {
  /** The key of a request that was made before. */
  static final String TAKEN = "taken";

  private static final String SOON = "Request-Timeout: 100ms";
  private static final String TOO_LONG = "k".repeat(1_025);
  private static final List<String> VALUES = List.of("", "***", "5", "25h", TOO_LONG);
  private static final List<String> FIELDS =
      List.of("[]", "5", "\"5\"", "\"\"", "\"25h\"", "\"1ms\"", "\"" + TOO_LONG + "\"", "[\"a\"]");
  private static final List<String> BODIES =
      List.of("", "{", "[]", "{}", "{\"unknown\":1}", "{\"a\":1,\"a\":2}");
  private static final List<String> HEADERS =
      List.of(
          "Request-Timeout: 5",
          "Request-Timeout: 2m",
          "Request-Timeout: 1s\r\nRequest-Timeout: 2s",
          "If-Match: 1",
          "If-Lock: a",
          "Last-Event-ID: x",
          "Idempotency-Key:",
          "Idempotency-Key: " + TAKEN,
          "Idempotency-Key: \u00e4");

  private final Contract contract;
  private final Http http;
  private final ObjectMapper mapper = new ObjectMapper();

  WrongRequests(Contract contract, Http http) {
    this.contract = contract;
    this.http = http;
  }

  void run() throws IOException {
    for (int i = 0; i < 10; i++) {
      // Revisions that wrong numbers may name, and nobody has to wait for.
      http.put("/v1/kv/revision", Integer.toString(i));
    }
    http.put("/v1/kv/a", "x", "Idempotency-Key: " + TAKEN);
    for (Operation operation : contract.description.operations()) {
      String body =
          contract.description.exampleBody(operation).replaceAll(",\"wait\":\"\\d+s\"", "");
      for (String target : targets(operation)) {
        ask(operation, target, body, SOON);
      }
      for (String header : HEADERS) {
        // The voter of the example is not there, which would be said first.
        String said = operation.id().equals("transferLeadership") ? "" : body;
        String soon = header.startsWith("Request-Timeout") ? header : header + "\r\n" + SOON;
        ask(operation, contract.description.example(operation), said, soon);
      }
      if (operation.node().at("/requestBody/content").has("application/json")) {
        for (String wrong : bodies(operation, body)) {
          ask(operation, contract.description.example(operation), wrong, SOON);
        }
      }
      String head = " HTTP/1.1\r\nHost: localhost\r\n";
      String target = contract.description.example(operation);
      String twice = "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx";
      contract.check(
          operation.method(), target, http.raw(operation.method() + " " + target + head + twice));
    }
  }

  private void ask(Operation operation, String target, String body, String header)
      throws IOException {
    try (Http.Connection connection = http.connect()) {
      connection.send(operation.method(), target, body.getBytes(UTF_8), header);
      contract.check(operation.method(), target, connection.answerOrStreamHead(false));
    }
  }

  private List<String> targets(Operation operation) {
    String example = contract.description.example(operation);
    List<String> targets = new ArrayList<>();
    targets.add(with(example, "%zz=1"));
    for (JsonNode one : contract.description.parameters(operation)) {
      String name = one.path("name").asText();
      switch (one.path("in").asText()) {
        case "query" -> {
          VALUES.forEach(value -> targets.add(with(without(example, name), name + "=" + value)));
          targets.add(with(without(example, name), name + "=1&" + name + "=1"));
        }
        case "path" -> {
          String path = operation.path();
          for (String value : List.of("", TOO_LONG)) {
            targets.add(path.replaceAll("\\{[^}]*}", value) + queryOf(example));
          }
        }
        default -> {}
      }
    }
    return targets;
  }

  private static String queryOf(String target) {
    int question = target.indexOf('?');
    return question < 0 ? "" : target.substring(question);
  }

  private static String with(String target, String parameter) {
    return target + (target.contains("?") ? "&" : "?") + parameter;
  }

  private static String without(String target, String name) {
    return target.replaceAll("(?<=[?&])" + name + "=[^&]*&?", "").replaceAll("[?&]$", "");
  }

  private List<String> bodies(Operation operation, String example) throws IOException {
    List<String> bodies = new ArrayList<>(BODIES);
    JsonNode schema = operation.node().at("/requestBody/content/application~1json/schema");
    ObjectNode whole = (ObjectNode) mapper.readTree(example.isEmpty() ? "{}" : example);
    ObjectNode more = whole.deepCopy();
    bodies.add(more.put("unknown", 1).toString());
    for (Map.Entry<String, JsonNode> field :
        contract.description.resolve(schema).path("properties").properties()) {
      for (String value : FIELDS) {
        ObjectNode wrong = whole.deepCopy();
        wrong.set(field.getKey(), mapper.readTree(value));
        bodies.add(wrong.toString());
      }
    }
    return bodies;
  }
}
