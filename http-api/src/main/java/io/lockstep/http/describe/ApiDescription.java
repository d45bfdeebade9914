package io.lockstep.http.describe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockstep.raft.Invariant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * The OpenAPI document, which is kept in parts, one for each group of operations: {@code base.json}
 * with what all share, and beside it paths and components that no other part has.
 */
public final class ApiDescription {
  private static final List<String> PARTS =
      List.of(
          "base",
          "keys",
          "leases",
          "locks",
          "semaphores",
          "elections",
          "gates",
          "sequences",
          "watches",
          "cluster",
          "operations");
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private ApiDescription() {}

  /** The whole document, read anew. */
  public static ObjectNode read() {
    ObjectNode whole = MAPPER.createObjectNode();
    for (String part : PARTS) {
      merge("", whole, part(part));
    }
    return whole;
  }

  /** The whole document as JSON. */
  static byte[] bytes() {
    try {
      return MAPPER.writeValueAsBytes(read());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode part(String name) {
    try {
      JsonNode part = MAPPER.readTree(ClassPath.read(ApiDescription.class, name + ".json"));
      Invariant.check(part.isObject(), "a part of the description is an object");
      return (ObjectNode) part;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Objects of the same name are joined; anything else is said once. */
  private static void merge(String path, ObjectNode into, ObjectNode part) {
    for (Map.Entry<String, JsonNode> one : part.properties()) {
      JsonNode known = into.get(one.getKey());
      if (known == null) {
        into.set(one.getKey(), one.getValue());
      } else {
        String here = path + "/" + one.getKey();
        Invariant.check(
            joined(here) && known.isObject() && one.getValue().isObject(),
            "each part of the description says something of its own");
        merge(here, (ObjectNode) known, (ObjectNode) one.getValue());
      }
    }
  }

  private static boolean joined(String path) {
    return switch (path) {
      case "/paths",
          "/components",
          "/components/schemas",
          "/components/headers",
          "/components/parameters",
          "/components/responses" ->
          true;
      default -> false;
    };
  }
}
