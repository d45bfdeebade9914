package io.lockstep.raft.sim.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of test data: integers, plain strings, and no more escapes than {@code \"} and
 * {@code \\}.
 */
final class JsonText {
  private final String text;
  private int position;

  JsonText(String text) {
    this.text = text;
  }

  /** The next value: a Map, List, String, Long, Boolean, or null. */
  @Nullable Object value() {
    return switch (peek()) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, @Nullable Object> object() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    take('{');
    while (peek() != '}') {
      String name = string();
      take(':');
      fields.put(name, value());
      skip(',');
    }
    take('}');
    return fields;
  }

  private List<@Nullable Object> array() {
    List<@Nullable Object> elements = new ArrayList<>();
    take('[');
    while (peek() != ']') {
      elements.add(value());
      skip(',');
    }
    take(']');
    return elements;
  }

  private String string() {
    take('"');
    StringBuilder value = new StringBuilder();
    while (text.charAt(position) != '"') {
      position += text.charAt(position) == '\\' ? 1 : 0;
      value.append(text.charAt(position++));
    }
    position++;
    return value.toString();
  }

  private Long number() {
    int start = position;
    while (text.charAt(position) == '-' || Character.isDigit(text.charAt(position))) {
      position++;
    }
    return Long.valueOf(text.substring(start, position));
  }

  private @Nullable Object word(String word, @Nullable Object value) {
    if (!text.startsWith(word, position)) {
      throw new IllegalArgumentException("no JSON at " + position);
    }
    position += word.length();
    return value;
  }

  private char peek() {
    while (Character.isWhitespace(text.charAt(position))) {
      position++;
    }
    return text.charAt(position);
  }

  private void skip(char c) {
    if (peek() == c) {
      position++;
    }
  }

  private void take(char c) {
    if (peek() != c) {
      throw new IllegalArgumentException("'" + c + "' wanted at " + position);
    }
    position++;
  }
}
