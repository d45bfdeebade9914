package io.lockstep.http.describe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.describe.Description.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;

/** Makes requests out of the description's examples that nobody would send on purpose. */
final class OddRequests {
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "BREW");
  private static final List<String> NAMES =
      List.of(
          "",
          "%",
          "%0",
          "%zz",
          "%00",
          "%ff%fe",
          "%F0%9F%94%92",
          "%C3%A4",
          "%E2%80%AE",
          "..",
          "../..",
          "a//b",
          "/",
          "//",
          ":",
          "a:b",
          "a%3Ab",
          "+",
          "%20",
          "%2F",
          "~",
          "x".repeat(1024),
          "x".repeat(1025),
          "0000000000000001ffff",
          "-1",
          "n1",
          "{name}",
          "null",
          ";",
          "a;b=c");
  private static final List<String> VALUES =
      List.of(
          "",
          "0",
          "1",
          "-1",
          "+1",
          "01",
          "1e3",
          "1.0",
          "9007199254740991",
          "9007199254740992",
          "99999999999999999999999",
          "true",
          "false",
          "TRUE",
          "yes",
          "null",
          "NaN",
          "%00",
          "%ff",
          "%F0%9F%94%92",
          "a",
          "*",
          "\"1\"",
          "5s",
          "5",
          "1ms",
          "-5s",
          "5S",
          "5%20s",
          "0s",
          "25h",
          "0000000000000001ffff",
          "YQ",
          "YQ==",
          "***",
          "stale",
          "linearizable",
          "current",
          "hlc",
          "lock",
          "key",
          "x".repeat(2000));
  private static final List<String> WAITS = List.of("", "0s", "1ms", "-1s", "61s", "5", "s", "1h");
  private static final List<String> HEADERS =
      List.of(
          "If-Match: *",
          "If-Match: \"1\"",
          "If-Match: 1",
          "If-Match:",
          "If-Match: W/\"1\"",
          "If-None-Match: *",
          "If-None-Match: \"1\", \"2\"",
          "If-None-Match: ,",
          "If-Lock: a;token=1",
          "If-Lock: a",
          "If-Lock: ;token=1",
          "If-Lock: a;token=-1",
          "If-Lock: %zz;token=1",
          "If-Lock: ,",
          "If-Lock: a;token=1,b;token=2",
          "Idempotency-Key: k",
          "Idempotency-Key: \"k\"",
          "Idempotency-Key:",
          "Idempotency-Key: \u00e4",
          "Idempotency-Key: \"",
          "Request-Timeout: 99ms",
          "Request-Timeout: 5",
          "Request-Timeout:",
          "Request-Timeout: 61s",
          "Accept: image/png",
          "Accept: ,;q=",
          "Accept: */*;q=0",
          "Accept: application/x-ndjson",
          "Accept: application/json;q=NaN",
          "Accept: text/event-stream",
          "Content-Type: multipart/form-data",
          "Content-Type:",
          "Content-Type: \u0001",
          "Content-Type: text/html",
          "Content-Encoding: gzip",
          "Content-Encoding: identity",
          "Origin: null",
          "Origin: http://elsewhere.example",
          "Origin: ://",
          "Origin: http://[",
          "Sec-Fetch-Site: cross-site",
          "Last-Event-ID: 1",
          "Last-Event-ID: x",
          "Last-Event-ID: -1",
          "Last-Event-ID: 99999999999999999999",
          "Last-Event-ID: 1&x",
          "Last-Event-ID: %zz",
          "Range: bytes=0-1",
          "Expect: 100-continue",
          "Expect: nothing",
          "Upgrade: h2c",
          "Connection: close",
          "Connection: upgrade",
          "traceparent: 00-0-0-00",
          "Request-Id: " + "r".repeat(500),
          "Request-Id: \u00e4",
          "Content-Length: 0",
          "Content-Length: 7",
          "Content-Length: -1",
          "Content-Length: 1, 1",
          "Transfer-Encoding: chunked",
          "Transfer-Encoding: gzip",
          "Host: other",
          "Host:",
          "X-Long: " + "y".repeat(9000),
          "Cookie: a=b",
          ": nameless",
          "No colon",
          "X Y: z");
  private static final List<String> JSON =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "1.5",
          "1e400",
          "-0",
          "9007199254740992",
          "123456789012345678901234567890",
          "\"\"",
          "\"x\"",
          "\"1s\"",
          "\"25h\"",
          "\"5\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"\ud83d\udd12\"",
          "[]",
          "[[]]",
          "[null]",
          "{}",
          "{\"a\":{}}",
          "[\"0000000000000001ffff\"]",
          "\"0000000000000001ffff\"",
          "\"" + "x".repeat(2000) + "\"",
          "[".repeat(40) + "]".repeat(40),
          "NaN",
          "'x'",
          "\"",
          "// x",
          "tru",
          "[1,]",
          "\"YQ\"",
          "\"***\"");

  /** One request, as it is sent. */
  record Odd(String method, String target, List<String> headers, byte[] body) {
    @Override
    public String toString() {
      String text = new String(body, ISO_8859_1);
      return method
          + " "
          + shortened(target)
          + " "
          + headers.stream().map(Odd::shortened).toList()
          + " "
          + shortened(text);
    }

    private static String shortened(String text) {
      return text.length() <= 300 ? text : text.substring(0, 300) + "...(" + text.length() + ")";
    }
  }

  private final Description description;
  private final Random random;

  OddRequests(Description description, long seed) {
    this.description = description;
    this.random = new Random(seed);
  }

  Odd next() {
    Operation operation = any(description.operations());
    String method = one(12) ? any(METHODS) : operation.method();
    String body = description.exampleBody(operation).replaceAll(",\"wait\":\"\\d+s\"", "");
    byte[] bytes = one(2) ? body.getBytes(UTF_8) : bodyOf(operation, body);
    return new Odd(method, target(operation), headers(), bytes);
  }

  private boolean one(int in) {
    return random.nextInt(in) == 0;
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private String target(Operation operation) {
    String path = operation.path();
    StringJoiner query = new StringJoiner("&");
    for (JsonNode parameter : description.parameters(operation)) {
      String name = parameter.path("name").asText();
      String value = parameter.path("example").asText();
      switch (parameter.path("in").asText()) {
        case "path" -> path = path.replace("{" + name + "}", one(3) ? any(NAMES) : value);
        case "query" -> {
          if (parameter.has("example") || one(6)) {
            String odd = name.equals("wait") ? any(WAITS) : any(VALUES);
            query.add(
                one(8) ? name : name + "=" + (parameter.has("example") && one(2) ? value : odd));
            if (one(30)) {
              query.add(name + "=1");
            }
          }
        }
        default -> {}
      }
    }
    if (one(20)) {
      query.add(any(List.of("unknown=1", "=", "=x", "%zz=1", "%ff", "&&", "a=%", "#", "?")));
    }
    if (one(60)) {
      path = any(List.of("/", "", "*", "//v1/kv/a", "/v1", "/v1/", "/V1/kv/a", "http://x/v1/kv/a"));
    }
    return query.length() == 0 ? path : path + "?" + query;
  }

  private List<String> headers() {
    List<String> headers = new ArrayList<>();
    while (one(2)) {
      headers.add(any(HEADERS));
    }
    if (headers.stream().noneMatch(header -> header.startsWith("Request-Timeout"))) {
      headers.add("Request-Timeout: 200ms");
    }
    return headers;
  }

  private byte[] bodyOf(Operation operation, String example) {
    return switch (random.nextInt(12)) {
      case 0 -> new byte[0];
      case 1 -> example.substring(0, random.nextInt(example.length() + 1)).getBytes(UTF_8);
      case 2 -> (example + any(List.of("x", "{}", " ", "\u0000", ","))).getBytes(UTF_8);
      case 3 -> new byte[] {(byte) 0xff, '{', '}', (byte) 0xc3};
      case 4 -> ("\ufeff" + example).getBytes(UTF_8);
      case 5 -> one(8) ? " ".repeat((1536 << 10) + 1).getBytes(UTF_8) : any(JSON).getBytes(UTF_8);
      case 6 -> example.getBytes(java.nio.charset.StandardCharsets.UTF_16);
      default -> fields(operation, example).getBytes(UTF_8);
    };
  }

  /** An object whose fields have the names that the operation knows, and values of any kind. */
  private String fields(Operation operation, String example) {
    JsonNode form = operation.node().at("/requestBody/content/application~1json/schema");
    List<String> names = new ArrayList<>();
    description.resolve(form).path("properties").fieldNames().forEachRemaining(names::add);
    names.add("unknown");
    StringJoiner fields = new StringJoiner(",", "{", "}");
    if (example.length() > 2 && example.startsWith("{") && one(2)) {
      fields.add(example.substring(1, example.length() - 1));
    }
    for (String name : names) {
      if (one(3)) {
        fields.add("\"" + name + "\":" + value(name));
      }
    }
    return fields.toString();
  }

  private String value(String name) {
    if (name.equals("wait")) {
      return one(4) ? any(JSON) : "\"" + any(WAITS) + "\"";
    }
    if (List.of("if", "then", "else").contains(name)) {
      return "[" + step() + (one(2) ? "," + step() : "") + "]";
    }
    return any(JSON);
  }

  private String step() {
    List<String> names = new ArrayList<>();
    for (String schema : List.of("Condition", "Step")) {
      description
          .document
          .at("/components/schemas/" + schema + "/properties")
          .fieldNames()
          .forEachRemaining(names::add);
    }
    StringJoiner fields = new StringJoiner(",", "{", "}");
    for (int i = random.nextInt(4); i >= 0; i--) {
      fields.add("\"" + any(names) + "\":" + any(JSON));
    }
    return fields.toString();
  }
}
