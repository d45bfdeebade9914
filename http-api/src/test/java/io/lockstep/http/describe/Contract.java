package io.lockstep.http.describe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.lockstep.http.describe.Description.Operation;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Holds answers against the description, and remembers which of it was seen. */
final class Contract {
  /** Of HTTP itself: of every answer, or none. */
  private static final Set<String> OF_HTTP =
      Set.of("content-type", "content-length", "transfer-encoding", "connection");

  final Description description = new Description();
  private final Map<String, Set<Integer>> seen = new TreeMap<>();
  private final Map<String, Set<String>> seenCodes = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();

  /** Asks, and expects this status. */
  Response ask(Http http, int status, String method, String target, String body, String... headers)
      throws IOException {
    Response answer = http.call(method, target, body, headers);
    expect(status, method, target, answer);
    return answer;
  }

  /** Holds the answer to a request against the description and this status. */
  void expect(int status, String method, String target, Response answer) throws IOException {
    if (answer.status() != status) {
      fault(method + " " + target + " should answer " + status, answer);
    }
    check(method, target, answer);
  }

  /** Holds the answer to a request against the description. */
  void check(String method, String target, Response answer) throws IOException {
    Operation operation = description.asked(method, target);
    if (operation == null) {
      fault(method + " " + target + " is not described", answer);
      return;
    }
    JsonNode described = description.response(operation, answer.status());
    if (described.isMissingNode()) {
      fault(operation + " should not answer " + answer.status(), answer);
      return;
    }
    seen.computeIfAbsent(operation.toString(), none -> new TreeSet<>()).add(answer.status());
    if (isProblem(answer) && !method.equals("HEAD")) {
      String code = answer.json().path("code").asText();
      seenCodes.computeIfAbsent(operation.toString(), none -> new TreeSet<>()).add(code);
    }
    checkHeaders(operation, described, answer);
    checkBody(operation, described, answer, method.equals("HEAD"));
  }

  /** What is described of any operation and was not seen: method, path and statuses. */
  Map<String, Set<Integer>> unseen() {
    Map<String, Set<Integer>> unseen = new TreeMap<>();
    for (Operation operation : description.operations()) {
      Set<Integer> statuses = new TreeSet<>();
      operation
          .node()
          .path("responses")
          .fieldNames()
          .forEachRemaining(status -> statuses.add(Integer.parseInt(status)));
      statuses.removeAll(seen.getOrDefault(operation.toString(), Set.of()));
      if (!statuses.isEmpty()) {
        unseen.put(operation.toString(), statuses);
      }
    }
    return unseen;
  }

  private static boolean isProblem(Response answer) {
    String type = answer.header("Content-Type");
    return type != null && type.startsWith("application/problem+json");
  }

  /** Whether an operation has answered with this code. */
  boolean saw(Operation operation, String code) {
    return seenCodes.getOrDefault(operation.toString(), Set.of()).contains(code);
  }

  /** What was not as described. */
  List<String> faults() {
    return faults;
  }

  private void checkHeaders(Operation operation, JsonNode described, Response answer) {
    Map<String, JsonNode> headers = new TreeMap<>();
    for (Map.Entry<String, JsonNode> one : described.path("headers").properties()) {
      headers.put(one.getKey().toLowerCase(Locale.ROOT), description.resolve(one.getValue()));
    }
    for (Map.Entry<String, JsonNode> one : headers.entrySet()) {
      String value = answer.headers().get(one.getKey());
      if (value == null) {
        if (one.getValue().path("required").asBoolean()) {
          fault(operation + " should have the header " + one.getKey(), answer);
        }
      } else {
        wrong(operation, one.getKey(), one.getValue().path("schema"), new TextNode(value), answer);
      }
    }
    for (String name : answer.headers().keySet()) {
      if (!headers.containsKey(name) && !OF_HTTP.contains(name)) {
        fault(operation + " should not have the header " + name, answer);
      }
    }
  }

  private void checkBody(Operation operation, JsonNode described, Response answer, boolean headOnly)
      throws IOException {
    String type = answer.header("Content-Type");
    JsonNode forms = described.path("content");
    if (type == null || forms.isMissingNode()) {
      if (type != null || !forms.isMissingNode()) {
        fault(operation + " has a form that is not described, or none", answer);
      }
      return;
    }
    JsonNode form = formOf(forms, type);
    if (form == null) {
      fault(operation + " should not answer in the form " + type, answer);
    } else if (!headOnly && (type.endsWith("/json") || type.endsWith("+json"))) {
      wrong(operation, "body", form.path("schema"), answer.json(), answer);
    }
  }

  private static @Nullable JsonNode formOf(JsonNode forms, String type) {
    int semicolon = type.indexOf(';');
    JsonNode exact = forms.get(semicolon < 0 ? type : type.substring(0, semicolon));
    return exact == null ? forms.get("*/*") : exact;
  }

  private void wrong(
      Operation operation, String what, JsonNode schema, JsonNode value, Response answer) {
    if (!schema.isMissingNode()) {
      for (String fault : description.faults(schema, value)) {
        fault(operation + ": " + what + ": " + fault, answer);
      }
    }
  }

  private void fault(String what, Response answer) {
    String text = answer.text();
    faults.add(
        what
            + "\n   "
            + answer.status()
            + " "
            + answer.headers()
            + "\n   "
            + text.substring(0, Math.min(text.length(), 600)));
  }
}
