package io.lockstep.http.etcd;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message of protocol buffers in JSON, read as loosely as etcd's gateway does: integers as
 * numbers or text, enumerations by name or number, names in either form, what is absent or null as
 * zero, what is unknown not at all.
 */
final class ProtoJson {
  private static final int NESTING_MAX = 64;
  private static final int STREAM_MAX = 1_000;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(NESTING_MAX)
                          .maxNumberLength(32)
                          .maxNameLength(256)
                          .maxStringLength(4 << 20)
                          .build())
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          .build();

  private final ObjectNode node;

  private ProtoJson(ObjectNode node) {
    this.node = node;
  }

  /** The first message of a body, whatever follows; that of an empty one is empty. */
  static ProtoJson parse(Bytes body) {
    List<ProtoJson> one = parse(body, 1);
    return one.isEmpty() ? new ProtoJson(JsonNodeFactory.instance.objectNode()) : one.getFirst();
  }

  /** All messages of a body, one after another. */
  static List<ProtoJson> stream(Bytes body) {
    List<ProtoJson> messages = parse(body, STREAM_MAX + 1);
    if (messages.size() > STREAM_MAX) {
      throw new EtcdRefused(EtcdError.TOO_MANY_REQUESTS);
    }
    return messages;
  }

  private static List<ProtoJson> parse(Bytes body, int countMax) {
    List<ProtoJson> messages = new ArrayList<>();
    try (JsonParser parser = MAPPER.createParser(body.toArray());
        MappingIterator<JsonNode> nodes = MAPPER.readValues(parser, JsonNode.class)) {
      while (messages.size() < countMax && nodes.hasNextValue()) {
        messages.add(message(nodes.nextValue()));
      }
    } catch (JacksonException e) {
      throw bad("not valid JSON: " + firstLine(e.getOriginalMessage()));
    } catch (IOException e) {
      throw bad("not valid JSON");
    }
    return messages;
  }

  private static String firstLine(@Nullable String text) {
    return text == null ? "" : text.lines().findFirst().orElse("");
  }

  private static ProtoJson message(JsonNode value) {
    if (value instanceof ObjectNode object) {
      return new ProtoJson(object);
    }
    if (value.isNull()) {
      return new ProtoJson(JsonNodeFactory.instance.objectNode());
    }
    throw bad("a message is not a JSON object");
  }

  /** The field of this name in snake case, or in camel case; null for an absent one. */
  private @Nullable JsonNode find(String name) {
    JsonNode value = node.get(name);
    if (value == null && name.indexOf('_') >= 0) {
      value = node.get(camel(name));
    }
    return value == null || value.isNull() ? null : value;
  }

  private static String camel(String name) {
    StringBuilder camel = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '_' && i + 1 < name.length()) {
        i++;
        c = Character.toUpperCase(name.charAt(i));
      }
      camel.append(c);
    }
    return camel.toString();
  }

  /** Whether the field is there and not null. */
  boolean has(String name) {
    return find(name) != null;
  }

  /** Bytes in base64 with padding; none when absent. */
  Bytes bytes(String name) {
    JsonNode value = find(name);
    if (value == null) {
      return Bytes.EMPTY;
    }
    if (!value.isTextual()) {
      throw bad("field " + name + " is not base64 text");
    }
    String text = value.textValue();
    try {
      if (text.length() % 4 == 0) {
        return Bytes.wrap(Base64.getDecoder().decode(text));
      }
    } catch (IllegalArgumentException e) {
      throw bad("illegal base64 data in field " + name);
    }
    throw bad("illegal base64 data in field " + name);
  }

  /** A text; empty when absent. */
  String text(String name) {
    JsonNode value = find(name);
    if (value == null) {
      return "";
    }
    if (!value.isTextual()) {
      throw bad("field " + name + " is not text");
    }
    return value.textValue();
  }

  /** An integer of 64 bits; 0 when absent. One without sign is given by its bits. */
  long number(String name) {
    JsonNode value = find(name);
    if (value == null) {
      return 0;
    }
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      return value.longValue();
    }
    String text = value.isTextual() || value.isBigInteger() ? value.asText() : "";
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException signed) {
      return unsigned(name, text);
    }
  }

  private static long unsigned(String name, String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw bad("field " + name + " is not an integer of 64 bits");
    }
  }

  /** Yes or no; no when absent. */
  boolean flag(String name) {
    JsonNode value = find(name);
    if (value == null) {
      return false;
    }
    if (!value.isBoolean()) {
      throw bad("field " + name + " is not true or false");
    }
    return value.booleanValue();
  }

  /** The place of an enumeration's value among its names, given as name or number. */
  int oneOf(String name, List<String> names) {
    JsonNode value = find(name);
    return value == null ? 0 : placeOf(name, value, names);
  }

  /** The places of many values. */
  List<Integer> manyOf(String name, List<String> names) {
    List<Integer> places = new ArrayList<>();
    for (JsonNode item : array(name)) {
      places.add(placeOf(name, item, names));
    }
    return places;
  }

  private static int placeOf(String name, JsonNode value, List<String> names) {
    int place = value.isTextual() ? names.indexOf(value.textValue()) : value.asInt(-1);
    if (place < 0 || place >= names.size() || !value.isTextual() && !value.isInt()) {
      throw bad("unknown value for field " + name);
    }
    return place;
  }

  /** A message within; null when absent. */
  @Nullable ProtoJson message(String name) {
    JsonNode value = find(name);
    return value == null ? null : message(value);
  }

  /** Messages within; none when absent. */
  List<ProtoJson> messages(String name) {
    List<ProtoJson> messages = new ArrayList<>();
    for (JsonNode item : array(name)) {
      messages.add(message(item));
    }
    return messages;
  }

  /** Texts; none when absent. */
  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : array(name)) {
      if (!item.isTextual()) {
        throw bad("field " + name + " is not a list of texts");
      }
      texts.add(item.textValue());
    }
    return texts;
  }

  private ArrayNode array(String name) {
    JsonNode value = find(name);
    if (value == null) {
      return JsonNodeFactory.instance.arrayNode();
    }
    if (value instanceof ArrayNode array) {
      return array;
    }
    throw bad("field " + name + " is not a list");
  }

  private static EtcdRefused bad(String message) {
    return new EtcdRefused(EtcdError.argument(message));
  }
}
