package io.lockstep.http.describe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The OpenAPI document as tests ask it. */
final class Description {
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(VersionFlag.V202012);
  private static final Pattern PARAMETER = Pattern.compile("\\{[^}]*}");

  /**
   * One operation.
   *
   * @param method in capitals
   * @param path with its parameters in braces
   */
  record Operation(String method, String path, JsonNode node) {
    String id() {
      return node.path("operationId").asText();
    }

    @Override
    public String toString() {
      return method + " " + path;
    }

    /** How much of the path is fixed: the operation with the most is meant. */
    int literals() {
      return PARAMETER.matcher(path).replaceAll("").length();
    }

    boolean serves(String asked, String rawPath) {
      String quoted =
          PARAMETER.splitAsStream(path).map(Pattern::quote).collect(Collectors.joining(".*"));
      String whole = path.endsWith("}") ? quoted + ".*" : quoted;
      // A watch has no end that its head could tell of.
      boolean head = asked.equals("HEAD") && method.equals("GET") && !path.startsWith("/v1/watch");
      return (asked.equals(method) || head) && rawPath.matches("(?s)" + whole);
    }
  }

  final ObjectNode document = ApiDescription.read();
  private final ObjectNode closedSchemas;
  private final Map<String, JsonSchema> compiled = new TreeMap<>();
  private final List<Operation> operations = new ArrayList<>();

  Description() {
    closedSchemas = document.path("components").path("schemas").deepCopy();
    close(closedSchemas);
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        operations.add(
            new Operation(
                method.getKey().toUpperCase(Locale.ROOT), path.getKey(), method.getValue()));
      }
    }
  }

  List<Operation> operations() {
    return operations;
  }

  Operation operation(String id) {
    return operations.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
  }

  /** The operation that a request asks for, null when none is described. */
  @Nullable Operation asked(String method, String target) {
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    Operation found = null;
    for (Operation one : operations) {
      if (one.serves(method, path) && (found == null || one.literals() > found.literals())) {
        found = one;
      }
    }
    return found;
  }

  /** What a reference stands for; the node itself if it is none. */
  JsonNode resolve(JsonNode node) {
    JsonNode reference = node.get("$ref");
    return reference == null ? node : document.at(reference.asText().substring(1));
  }

  /** The answer described for a status, missing if there is none. */
  JsonNode response(Operation operation, int status) {
    return resolve(operation.node().path("responses").path(Integer.toString(status)));
  }

  /** The codes that an answer with a problem may carry. */
  static List<String> codes(JsonNode response) {
    List<String> codes = new ArrayList<>();
    response
        .at("/content/application~1problem+json/schema/properties/code/enum")
        .forEach(code -> codes.add(code.asText()));
    return codes;
  }

  /** The parameters, none of them a reference. */
  List<JsonNode> parameters(Operation operation) {
    List<JsonNode> parameters = new ArrayList<>();
    operation.node().path("parameters").forEach(one -> parameters.add(resolve(one)));
    return parameters;
  }

  /** The target of the operation's example: its path, and the query that must be there. */
  String example(Operation operation) {
    String target = operation.path();
    StringBuilder query = new StringBuilder();
    for (JsonNode one : parameters(operation)) {
      String name = one.path("name").asText();
      String value = one.path("example").asText();
      if (one.path("in").asText().equals("path")) {
        target = target.replace("{" + name + "}", value);
      } else if (one.path("in").asText().equals("query") && one.has("example")) {
        query.append(query.isEmpty() ? '?' : '&').append(name).append('=').append(value);
      }
    }
    return target + query;
  }

  /** The example of the operation's body, empty when it has none. */
  String exampleBody(Operation operation) {
    JsonNode content = operation.node().path("requestBody").path("content");
    for (JsonNode form : content) {
      JsonNode example = form.path("example");
      return example.isTextual() ? example.asText() : example.toString();
    }
    return "";
  }

  /**
   * What is wrong with {@code value} by a schema of the document; what the schema does not name is
   * wrong as well.
   */
  List<String> faults(JsonNode schema, JsonNode value) {
    JsonSchema check =
        compiled.computeIfAbsent(
            schema.toString(),
            text -> {
              ObjectNode closed = schema.deepCopy();
              close(closed);
              ObjectNode root = document.objectNode();
              root.putArray("allOf").add(closed);
              root.putObject("components").set("schemas", closedSchemas);
              return SCHEMAS.getSchema(root);
            });
    return messages(check, value);
  }

  static List<String> messages(JsonSchema schema, JsonNode value) {
    Set<?> found = schema.validate(value);
    return found.stream().map(Object::toString).toList();
  }

  /** Lets objects have no more than the properties that are named. */
  private static void close(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.path("properties").isObject()
        && !object.has("$ref")
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    schema.forEach(Description::close);
  }
}
