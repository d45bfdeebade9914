package io.lockstep.http.request;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.response.Utf8;
import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object in a request's body, read strictly: no repeated names, nothing after the end, no
 * coercion of types, bounded depth and numbers. A route asks for the fields it has; {@link #finish}
 * refuses what nobody asked for.
 */
public final class JsonBody {
  private static final long EXACT_MAX = (1L << 53) - 1;
  private static final String NOT_64_BITS =
      "must be an integer of 64 bits; beyond 2^53 as a string of digits";
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(32)
                          .maxNumberLength(32)
                          .maxNameLength(256)
                          .maxStringLength(1 << 20)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final ObjectNode node;

  /** Where it lies in the body, as a prefix of its fields' names. */
  private final String path;

  private final List<String> asked = new ArrayList<>(8);

  private JsonBody(ObjectNode node, String path) {
    this.node = node;
    this.path = path;
  }

  /** Parses {@code body}; no bytes at all are an empty object. */
  public static JsonBody parse(Bytes body) {
    if (body.isEmpty()) {
      return new JsonBody(MAPPER.createObjectNode(), "");
    }
    JsonNode root = tree(body);
    if (root instanceof ObjectNode object) {
      return new JsonBody(object, "");
    }
    throw new Rejected(ProblemCode.BAD_JSON, "the body is not a JSON object");
  }

  private static @Nullable JsonNode tree(Bytes body) {
    try {
      return MAPPER.readTree(body.toArray());
    } catch (JsonProcessingException e) {
      throw new Rejected(ProblemCode.BAD_JSON, "the body is not valid JSON" + place(e));
    } catch (IOException e) {
      throw new Rejected(ProblemCode.BAD_JSON, "the body is not valid JSON");
    }
  }

  private static String place(JacksonException e) {
    String message = e.getOriginalMessage();
    String reason =
        message == null
            ? ""
            : message.startsWith("Duplicate")
                ? ": a field is given twice"
                : message.contains("nesting depth") ? ": nested deeper than 32" : "";
    return e.getLocation() == null
        ? reason
        : reason
            + ", at line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr();
  }

  /** A text, null when absent. */
  public @Nullable String text(String name) {
    JsonNode value = ask(name);
    if (value == null) {
      return null;
    }
    if (!value.isTextual()) {
      throw refuse(name, "must be a string");
    }
    return value.textValue();
  }

  /** Yes or no, null when absent. */
  public @Nullable Boolean flag(String name) {
    JsonNode value = ask(name);
    if (value == null) {
      return null;
    }
    if (!value.isBoolean()) {
      throw bad(name, "must be true or false");
    }
    return value.booleanValue();
  }

  /** An integer from {@code min} on that is exact in JSON; {@code absent} when it is not there. */
  public long number(String name, long min, long absent) {
    JsonNode value = ask(name);
    if (value == null) {
      return absent;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < min
        || value.longValue() > EXACT_MAX) {
      throw refuse(name, "must be an integer of at least " + min);
    }
    return value.longValue();
  }

  /** A duration in milliseconds; {@code absent} when it is not there. */
  public long duration(String name, long absent) {
    JsonNode value = ask(name);
    if (value == null) {
      return absent;
    }
    if (value.isNumber()) {
      throw new Rejected(
          Problem.of(
                  ProblemCode.BAD_DURATION,
                  path + name + " needs a unit: a string such as \"15s\", with ms, s, m, h or d")
              .with("field", path + name));
    }
    if (!value.isTextual()) {
      throw refuse(name, "must be a duration such as \"15s\"");
    }
    return Durations.millis(path + name, value.textValue());
  }

  /** A list of texts, null when absent. */
  public @Nullable List<String> texts(String name, int countMax) {
    JsonNode value = ask(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof ArrayNode array)) {
      throw refuse(name, "must be an array of strings");
    }
    if (array.size() > countMax) {
      throw tooMany(name, countMax);
    }
    List<String> texts = new ArrayList<>(array.size());
    for (JsonNode item : array) {
      if (!item.isTextual()) {
        throw refuse(name, "must be an array of strings");
      }
      texts.add(item.textValue());
    }
    return texts;
  }

  /** A list of objects, null when absent. */
  public @Nullable List<JsonBody> objects(String name, int countMax) {
    JsonNode value = ask(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof ArrayNode array)) {
      throw refuse(name, "must be an array of objects");
    }
    if (array.size() > countMax) {
      throw tooMany(name, countMax);
    }
    List<JsonBody> objects = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      if (!(array.get(i) instanceof ObjectNode object)) {
        throw refuse(name, "must be an array of objects");
      }
      objects.add(new JsonBody(object, path + name + "[" + i + "]."));
    }
    return objects;
  }

  /** Texts by their names, in the order of these; empty when absent. */
  public SortedMap<String, String> textMap(String name, int countMax) {
    SortedMap<String, String> texts = new TreeMap<>();
    JsonNode value = ask(name);
    if (value == null) {
      return texts;
    }
    if (!(value instanceof ObjectNode object)) {
      throw refuse(name, "must be an object of strings");
    }
    if (object.size() > countMax) {
      throw tooMany(name, countMax);
    }
    for (Map.Entry<String, JsonNode> one : object.properties()) {
      if (!one.getValue().isTextual()) {
        throw refuse(name, "must be an object of strings");
      }
      texts.put(one.getKey(), one.getValue().textValue());
    }
    return texts;
  }

  private Rejected tooMany(String name, int countMax) {
    return new Rejected(
        Problem.of(
                ProblemCode.TOO_MANY_ITEMS, path + name + " has more than " + countMax + " items")
            .with("field", path + name)
            .with("limit", countMax));
  }

  /** Whether the field is there, without asking for it. */
  public boolean has(String name) {
    return node.has(name);
  }

  /** Whether the field is there and is null. */
  public boolean isNull(String name) {
    JsonNode value = ask(name);
    return value != null && value.isNull();
  }

  /** True or false; {@code absent} when it is not there. */
  public boolean truth(String name, boolean absent) {
    JsonNode value = ask(name);
    if (value == null) {
      return absent;
    }
    if (!value.isBoolean()) {
      throw refuse(name, "must be true or false");
    }
    return value.booleanValue();
  }

  /** An integer of 64 bits: a JSON integer that is exact there, or decimal text. */
  public long integer(String name) {
    JsonNode value = ask(name);
    if (value == null) {
      throw missing(path + name);
    }
    if (value.isIntegralNumber()
        && value.canConvertToLong()
        && Math.abs(value.longValue()) <= EXACT_MAX) {
      return value.longValue();
    }
    try {
      if (value.isTextual()) {
        return Long.parseLong(value.textValue());
      }
    } catch (NumberFormatException e) {
      throw refuse(name, NOT_64_BITS);
    }
    throw refuse(name, NOT_64_BITS);
  }

  /**
   * Bytes that are given as text, or as base64 in either alphabet under {@code encodedName}; null
   * when neither is there.
   */
  public @Nullable Bytes bytes(String name, String encodedName) {
    String text = text(name);
    String encoded = text(encodedName);
    if (encoded == null) {
      return text == null ? null : Bytes.utf8(text);
    }
    if (text != null) {
      throw refuse(encodedName, "and field '" + path + name + "' exclude each other");
    }
    try {
      String urlSafe = encoded.replace('+', '-').replace('/', '_');
      return Bytes.wrap(Base64.getUrlDecoder().decode(urlSafe));
    } catch (IllegalArgumentException e) {
      throw refuse(encodedName, "is not base64");
    }
  }

  /** Refuses the request if the object has a field that nobody asked for. */
  public void finish() {
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!asked.contains(name)) {
        String shown = path + Utf8.printable(name.length() <= 64 ? name : name.substring(0, 64));
        throw new Rejected(
            Problem.of(ProblemCode.UNKNOWN_FIELD, "there is no field '" + shown + "' here")
                .with("field", shown));
      }
    }
  }

  /** The answer to a field of this object that is of the wrong form. */
  public Rejected refuse(String name, String what) {
    return bad(path + name, what);
  }

  /** The answer to a field that is missing. */
  public static Rejected missing(String name) {
    return bad(name, "is missing");
  }

  /** The answer to a field of the wrong form. */
  public static Rejected bad(String name, String what) {
    return new Rejected(
        Problem.of(ProblemCode.BAD_FIELD, "field '" + name + "' " + what).with("field", name));
  }

  private @Nullable JsonNode ask(String name) {
    asked.add(name);
    return node.get(name);
  }
}
