package io.lockstep.http.etcd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One server, etcd or Lockstep, as a sequence of requests sees it: revisions count from where the
 * sequence began, leases from the sequence's first, keys without the sequence's prefix.
 */
final class EtcdSide {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Set<String> REVISIONS =
      Set.of("revision", "create_revision", "mod_revision", "compact_revision", "rev");
  private static final Set<String> IDENTITIES = Set.of("cluster_id", "member_id", "raft_term");
  private static final Set<String> ASKED_REVISIONS =
      Set.of(
          "revision",
          "create_revision",
          "mod_revision",
          "min_mod_revision",
          "max_mod_revision",
          "min_create_revision",
          "max_create_revision",
          "start_revision",
          "rev");

  /** What a server tells of itself: its answers have the same fields, not the same values. */
  private static final Set<String> OF_ITSELF =
      Set.of(
          "/v3/cluster/member/list",
          "/v3/maintenance/status",
          "/v3/maintenance/hash",
          "/v3/maintenance/hashkv");

  private static final int REFUSED = 429;

  private final Http http;
  private long base;
  private String prefix = "";
  private long firstLease;

  EtcdSide(Http http) {
    this.http = http;
  }

  /** Begins a sequence with an empty state; its number is used once on one server. */
  void begin(long number) throws IOException {
    JsonNode answer = MAPPER.readTree(post("/v3/kv/range", "{\"key\":\"AA==\"}").body());
    base = answer.path("header").path("revision").asLong();
    prefix = "s" + number + "/";
    firstLease = firstLease(number);
  }

  /** From where the leases of a sequence count. */
  static long firstLease(long number) {
    return 1_000_000 + number * 1_000;
  }

  /** Ends the sequence's leases and removes its keys. */
  void end() throws IOException {
    JsonNode leases = MAPPER.readTree(post("/v3/lease/leases", "").body());
    for (JsonNode lease : leases.path("leases")) {
      post("/v3/lease/revoke", "{\"ID\":\"" + lease.path("ID").asText() + "\"}");
    }
    post("/v3/kv/deleterange", "{\"key\":\"AA==\",\"range_end\":\"AA==\"}");
  }

  private Response post(String path, String body) throws IOException {
    return http.post(path, body);
  }

  /** Sends a request whose body is told in the sequence's terms; the answer in the same. */
  String call(EtcdRequest request) throws IOException {
    String body = request.raw() ? request.body() : absolute(request.body());
    Response answer = post(request.path(), body);
    while (answer.status() == REFUSED) {
      // Nothing was done, and a client asks again: on a busy machine a leader may stall.
      answer = post(request.path(), body);
    }
    StringBuilder text = new StringBuilder().append(answer.status());
    for (JsonNode message : messages(answer)) {
      text.append(' ').append(shown(request, message));
    }
    return text.toString();
  }

  /**
   * The changes that a watch tells from a revision on, up to the last of a key that is put and
   * removed for it; one a line, before them what the stream says of itself.
   */
  String changesFrom(long revision, EtcdWatchAsked asked) throws IOException {
    String marker = "{\"key\":\"" + asked.marker() + "\"}";
    String put = call(new EtcdRequest("/v3/kv/put", marker));
    String removed = call(new EtcdRequest("/v3/kv/deleterange", marker));
    long end = EtcdDifferentialTest.revisionIn(asked.tellsDeletions() ? removed : put);
    String last = "\"mod_revision\":\"" + end + "\"";
    StringBuilder told = new StringBuilder();
    try (Http.Connection connection = http.connect()) {
      byte[] body = absolute(asked.body(revision)).getBytes(StandardCharsets.UTF_8);
      connection.send("POST", "/v3/watch", body);
      connection.head();
      while (told.indexOf(last) < 0 && told.indexOf("compact_revision") < 0) {
        JsonNode result = relative(MAPPER.readTree(connection.chunk()).path("result"), "");
        JsonNode events = result.path("events");
        if (events.isMissingNode()) {
          told.append(result).append('\n');
        }
        events.forEach(event -> told.append(event).append('\n'));
      }
    }
    return told.toString();
  }

  private String shown(EtcdRequest request, JsonNode message) {
    if (request.raw()) {
      return message.path("code").toString();
    }
    boolean ofItself = OF_ITSELF.contains(request.path());
    return ofItself && message.has("header") ? shape(message) : relative(message, "").toString();
  }

  /** Which fields a server tells of itself, where what they say is its own. */
  private static String shape(JsonNode message) {
    return message
        .toString()
        .replaceAll("\"http:[^\"]*\"", "\"URL\"")
        .replaceAll(":(\"[^\"]*\"|\\d+)", "");
  }

  private static List<JsonNode> messages(Response answer) throws IOException {
    List<JsonNode> messages = new ArrayList<>();
    if (answer.text().startsWith("{")) {
      try (var nodes = MAPPER.readerFor(JsonNode.class).<JsonNode>readValues(answer.body())) {
        nodes.forEachRemaining(messages::add);
      }
    }
    return messages;
  }

  /** The request with this server's revisions, leases and keys. */
  String absolute(String body) throws IOException {
    return absolute(MAPPER.readTree(body), "").toString();
  }

  private JsonNode absolute(JsonNode node, String name) {
    if (node instanceof ObjectNode object) {
      ObjectNode copy = JsonNodeFactory.instance.objectNode();
      object.properties().forEach(p -> copy.set(p.getKey(), absolute(p.getValue(), p.getKey())));
      return copy;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode copy = JsonNodeFactory.instance.arrayNode();
      array.forEach(one -> copy.add(absolute(one, name)));
      return copy;
    }
    return switch (name) {
      case "key", "range_end", "name" -> TextNode.valueOf(keyBytes(node.asText()));
      case "value" -> TextNode.valueOf(base64(node.asText()));
      case "lease", "ID" -> number(node.asLong() == 0 ? 0 : firstLease + node.asLong());
      default ->
          ASKED_REVISIONS.contains(name) && node.asLong() != 0
              ? number(base + node.asLong())
              : node;
    };
  }

  /** A zero stands for the first and for the last of all keys. */
  private String keyBytes(String key) {
    return key.isEmpty() ? "" : base64(key.equals("0") ? "\0" : prefix + key);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode number(long value) {
    return TextNode.valueOf(Long.toString(value));
  }

  private JsonNode relative(JsonNode node, String name) {
    if (node instanceof ObjectNode object) {
      ObjectNode copy = JsonNodeFactory.instance.objectNode();
      new TreeSet<>(names(object))
          .stream()
              .filter(field -> !IDENTITIES.contains(field))
              .forEach(field -> copy.set(field, field(object, field)));
      return copy;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode copy = JsonNodeFactory.instance.arrayNode();
      array.forEach(one -> copy.add(relative(one, name)));
      return copy;
    }
    return switch (name) {
      case "key", "keys", "name" -> TextNode.valueOf(shown(node.asText()));
      case "lease", "ID" -> number(node.asLong() - firstLease);
      default -> REVISIONS.contains(name) ? number(node.asLong() - base) : node;
    };
  }

  private JsonNode field(ObjectNode object, String field) {
    JsonNode value = object.get(field);
    // What is left of a lease depends on when it is asked.
    if (field.equals("TTL") && object.has("grantedTTL")) {
      return TextNode.valueOf("some");
    }
    JsonNode shown = relative(value, field);
    if ((field.equals("leases") || field.equals("keys")) && shown instanceof ArrayNode array) {
      List<JsonNode> items = new ArrayList<>();
      array.forEach(items::add);
      items.sort((one, other) -> one.toString().compareTo(other.toString()));
      ArrayNode sorted = JsonNodeFactory.instance.arrayNode();
      items.forEach(sorted::add);
      return sorted;
    }
    return shown;
  }

  private static List<String> names(ObjectNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private String shown(String base64) {
    String key = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    return key.startsWith(prefix) ? key.substring(prefix.length()) : key;
  }
}
