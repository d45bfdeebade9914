package io.lockstep.http.describe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.lockstep.http.HttpOptions;
import io.lockstep.http.describe.Description.Operation;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The OpenAPI document is one, is whole, and describes the routes that there are. */
class DescriptionTest {
  private static final Path SOURCES = Path.of("src/main/java/io/lockstep/http");
  private static final Pattern ROUTE =
      Pattern.compile("\\.route\\(\\s*\"(GET|PUT|POST|DELETE) ([^\"?]*)");
  private static final Pattern ADDED =
      Pattern.compile("\\.(?:exact|prefix)\\(\\s*(?:\"([^\"]+)\"|(\\w+Resource)\\.(\\w+)),");

  private static final Description DESCRIPTION = new Description();
  private static TestNode node;
  private static Http http;

  @BeforeAll
  static void start() {
    node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0));
    http = node.client();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void itIsValidOpenApi() throws Exception {
    JsonSchemaFactory schemas = JsonSchemaFactory.getInstance(VersionFlag.V202012);
    JsonNode official;
    try (var in = DescriptionTest.class.getResourceAsStream("/openapi-3.1-schema.json")) {
      official = new ObjectMapper().readTree(in);
    }
    assertEquals(
        List.of(), Description.messages(schemas.getSchema(official), DESCRIPTION.document));
    JsonNode broken = DESCRIPTION.document.deepCopy();
    ((com.fasterxml.jackson.databind.node.ObjectNode) broken.at("/paths/~1v1~1txn/post"))
        .put("sumary", "misspelt");
    assertFalse(
        Description.messages(schemas.getSchema(official), broken).isEmpty(), "the check can fail");
    var meta = schemas.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    for (JsonNode schema : DESCRIPTION.document.at("/components/schemas")) {
      assertEquals(List.of(), Description.messages(meta, schema), schema.toString());
    }
  }

  @Test
  void eachReferenceLeadsSomewhereAndEachComponentIsUsed() {
    Set<String> referred = new TreeSet<>();
    DESCRIPTION.document.findValuesAsText("$ref").forEach(referred::add);
    Set<String> kept = new TreeSet<>();
    for (Map.Entry<String, JsonNode> kind : DESCRIPTION.document.path("components").properties()) {
      for (Map.Entry<String, JsonNode> one : kind.getValue().properties()) {
        kept.add("#/components/" + kind.getKey() + "/" + one.getKey());
      }
    }
    Set<String> unused = new TreeSet<>(kept);
    unused.removeAll(referred);
    referred.removeAll(kept);
    assertEquals(Set.of(), unused, "used by none");
    assertEquals(Set.of(), referred, "not there");
  }

  @Test
  void eachRouteIsDescribed() throws Exception {
    Set<String> missing = new TreeSet<>();
    List<String> routes = routes();
    assertTrue(routes.size() > 40, "routes are found: " + routes.size());
    for (String route : routes) {
      String method = route.substring(0, route.indexOf(' '));
      String path = route.substring(route.indexOf(' ') + 1);
      boolean described =
          DESCRIPTION.operations().stream()
              .anyMatch(
                  one ->
                      one.method().equals(method)
                          && (plain(one.path()).equals(plain(path))
                              || one.path().startsWith(path + "/{")));
      if (!described) {
        missing.add(route);
      }
    }
    for (String path : paths()) {
      if (DESCRIPTION.operations().stream().noneMatch(one -> one.path().startsWith(path))) {
        missing.add(path);
      }
    }
    assertEquals(Set.of(), missing);
  }

  @Test
  void eachOperationIsServedAndItsExampleIsOfItsForm() throws Exception {
    Set<String> ids = new TreeSet<>();
    for (Operation operation : DESCRIPTION.operations()) {
      assertTrue(ids.add(operation.id()), operation + " has an id of its own");
      String target = DESCRIPTION.example(operation);
      assertFalse(target.contains("{"), operation + " has an example for each part of its path");
      assertEquals(operation, DESCRIPTION.asked(operation.method(), target));
      String body = DESCRIPTION.exampleBody(operation);
      JsonNode schema = operation.node().at("/requestBody/content/application~1json/schema");
      if (!schema.isMissingNode()) {
        JsonNode example = new ObjectMapper().readTree(body);
        assertEquals(List.of(), DESCRIPTION.faults(schema, example), operation.toString());
      }
      Response answer = ask(operation, target, body);
      boolean described = !DESCRIPTION.response(operation, answer.status()).isMissingNode();
      assertTrue(described, operation + " answered " + answer.status() + " " + answer.text());
      assertTrue(answer.status() != 400 && answer.status() < 500, operation + answer.text());
    }
  }

  @Test
  void eachCodeIsOneOfItsStatus() {
    Set<String> told = new TreeSet<>();
    for (Operation operation : DESCRIPTION.operations()) {
      for (Map.Entry<String, JsonNode> one : operation.node().path("responses").properties()) {
        for (String text : Description.codes(DESCRIPTION.resolve(one.getValue()))) {
          ProblemCode code = ProblemCode.ofText(text);
          assertTrue(code != null, text + " is a code");
          told.add(text);
          boolean fence = code == ProblemCode.STALE_TOKEN && one.getKey().equals("409");
          assertTrue(
              fence || one.getKey().equals(Integer.toString(code.status())),
              operation + ": " + text + " has status " + code.status());
        }
      }
    }
    // What no operation has: no operation is what these answer to, and a bug.
    told.addAll(List.of("method-not-allowed", "unknown-verb", "internal"));
    List<String> untold = new ArrayList<>();
    for (ProblemCode code : ProblemCode.values()) {
      if (!told.contains(code.text())) {
        untold.add(code.text());
      }
    }
    assertEquals(List.of(), untold, "each code is told by some operation");
  }

  @Test
  void itIsServed() throws Exception {
    Response answer = http.get("/openapi.json");
    assertEquals(200, answer.status());
    assertEquals("application/json", answer.header("Content-Type"));
    assertEquals(DESCRIPTION.document, answer.json());
    assertEquals(answer.text(), http.get("/openapi.json").text(), "and again");
    assertEquals(405, http.post("/openapi.json", "{}").status());
    assertEquals(400, http.get("/openapi.json?pretty").status());
  }

  @Test
  void thePagesLoadNothingFromElsewhere() throws Exception {
    Response page = http.get("/docs");
    assertEquals(200, page.status());
    assertEquals(page.text(), http.get("/docs/").text());
    List<String> loaded =
        Pattern.compile("(?:src|href|url)[=:] ?\"([^\"]*)\"")
            .matcher(page.text() + http.get("/docs/start.js").text())
            .results()
            .map(found -> found.group(1))
            .toList();
    assertEquals(5, loaded.size(), "what the page loads is found: " + loaded);
    for (String file : loaded) {
      Response part = http.get(file);
      assertEquals(200, part.status(), file);
      assertTrue(part.body().length > 100, file);
    }
    for (String file : List.of("/docs", "/docs/start.js", "/docs/swagger-ui-bundle.js")) {
      String policy = http.get(file).header("Content-Security-Policy");
      assertTrue(policy != null && policy.startsWith("default-src 'none'; script-src 'self';"));
      assertEquals("nosniff", http.get(file).header("X-Content-Type-Options"));
    }
    assertEquals(404, http.get("/docs/../pom.xml").status());
    assertEquals(404, http.get("/docs/swagger-ui-bundle.js.map").status());
  }

  private static Response ask(Operation operation, String target, String body) throws IOException {
    if (operation.id().startsWith("watch")) {
      try (Http.Connection connection = http.connect()) {
        connection.send(operation.method(), target, body.getBytes(StandardCharsets.UTF_8));
        return connection.head();
      }
    }
    return http.call(operation.method(), target, body);
  }

  /** Without the names of parameters, and without what the figures call a path without its name. */
  private static String plain(String path) {
    return path.replaceAll("\\{[^}]*}", "{}");
  }

  /** The routes by which requests are counted: each resource names its own. */
  private static List<String> routes() throws IOException {
    List<String> routes = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".java")).toList()) {
        if (!file.toString().contains("/etcd/")) {
          for (MatchResult found : ROUTE.matcher(Files.readString(file)).results().toList()) {
            routes.add(found.group(1) + " " + found.group(2));
          }
        }
      }
    }
    // Covers both verbs of a name before it is known which is asked for.
    routes.remove("POST /v1/once/{name}");
    return routes;
  }

  /** What the router is told to serve. */
  private static Set<String> paths() throws Exception {
    Set<String> paths = new TreeSet<>();
    String service = Files.readString(SOURCES.resolve("HttpService.java"));
    for (MatchResult found : ADDED.matcher(service).results().toList()) {
      if (found.group(1) != null) {
        paths.add(found.group(1));
      } else if (!found.group(2).equals("EtcdResource")) {
        String owner = found.group(2);
        Matched at = new Matched(service, owner);
        paths.add((String) Class.forName(at.name()).getField(found.group(3)).get(null));
      }
    }
    assertTrue(paths.size() > 20, "paths are found: " + paths);
    return paths;
  }

  /** A class by the import that names it. */
  private record Matched(String source, String simpleName) {
    String name() {
      return Pattern.compile("import (io\\.lockstep\\.[\\w.]+\\." + simpleName + ");")
          .matcher(source)
          .results()
          .findFirst()
          .orElseThrow()
          .group(1);
    }
  }
}
