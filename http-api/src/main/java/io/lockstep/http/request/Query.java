package io.lockstep.http.request;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.response.Utf8;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request target. A route asks for those it has; {@link #finish} refuses what
 * nobody asked for. Not thread-safe.
 */
public final class Query {
  private static final int PARAMETERS_MAX = 64;
  private static final long EXACT_MAX = (1L << 53) - 1;

  /** One parameter; the value is null when it stands bare, without an equals sign. */
  private static final class Parameter {
    final String name;
    final @Nullable Bytes value;
    boolean asked;

    Parameter(String name, @Nullable Bytes value) {
      this.name = name;
      this.value = value;
    }
  }

  private final List<Parameter> parameters;

  private Query(List<Parameter> parameters) {
    this.parameters = parameters;
  }

  /** Parses what follows the question mark; null for none. */
  public static Query parse(@Nullable String raw) {
    if (raw == null || raw.isEmpty()) {
      return new Query(List.of());
    }
    List<Parameter> parameters = new ArrayList<>(4);
    int from = 0;
    while (from <= raw.length()) {
      int and = raw.indexOf('&', from);
      int end = and < 0 ? raw.length() : and;
      if (end > from) {
        add(parameters, raw, from, end);
      }
      from = end + 1;
    }
    return new Query(parameters);
  }

  private static void add(List<Parameter> parameters, String raw, int from, int end) {
    int equals = raw.indexOf('=', from);
    int nameEnd = equals < 0 || equals > end ? end : equals;
    String name = PercentDecoding.text(raw, from, nameEnd);
    for (Parameter earlier : parameters) {
      if (earlier.name.equals(name)) {
        throw new Rejected(
            ProblemCode.DUPLICATE_PARAMETER, "parameter " + quoted(name) + " is given twice");
      }
    }
    if (parameters.size() == PARAMETERS_MAX) {
      throw new Rejected(
          Problem.of(ProblemCode.BAD_TARGET, "too many query parameters")
              .with("limit", PARAMETERS_MAX));
    }
    Bytes value = nameEnd == end ? null : PercentDecoding.bytes(raw, nameEnd + 1, end);
    parameters.add(new Parameter(name, value));
  }

  /** Whether the parameter is there, without asking for it. */
  public boolean has(String name) {
    for (Parameter parameter : parameters) {
      if (parameter.name.equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** The value as bytes, null when the parameter is not there. */
  public @Nullable Bytes bytes(String name) {
    Parameter parameter = ask(name);
    if (parameter == null) {
      return null;
    }
    return parameter.value == null ? Bytes.EMPTY : parameter.value;
  }

  /** The value as text, null when the parameter is not there. */
  public @Nullable String text(String name) {
    Bytes value = bytes(name);
    return value == null ? null : PercentDecoding.text(value);
  }

  /** The bytes that the value is the base64 of, in either alphabet, padded or not. */
  public @Nullable Bytes base64(String name) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    try {
      String urlSafe = text.replace('+', '-').replace('/', '_');
      return Bytes.wrap(Base64.getUrlDecoder().decode(urlSafe));
    } catch (IllegalArgumentException e) {
      throw bad(name, "is not base64");
    }
  }

  /** On when bare, empty or {@code true}; off when absent or {@code false}. */
  public boolean flag(String name) {
    String text = text(name);
    if (text == null) {
      return false;
    }
    return switch (text) {
      case "", "true" -> true;
      case "false" -> false;
      default -> throw bad(name, "is a flag: bare, =true or =false");
    };
  }

  /** An integer of at least {@code min}, exact in JSON; {@code absent} when it is not there. */
  public long number(String name, long min, long max, long absent) {
    String text = text(name);
    if (text == null) {
      return absent;
    }
    long number = Digits.parse(text);
    if (number < min || number > max) {
      throw bad(name, "is an integer from " + min + " to " + max);
    }
    return number;
  }

  /** A revision, from 1; 0 when it is not there. */
  public long revision(String name) {
    return number(name, 1, EXACT_MAX, 0);
  }

  /** Refuses the request if it has a parameter that nobody asked for. */
  public void finish() {
    for (Parameter parameter : parameters) {
      if (!parameter.asked) {
        throw new Rejected(
            Problem.of(
                    ProblemCode.UNKNOWN_PARAMETER,
                    "there is no parameter " + quoted(parameter.name) + " here")
                .with("parameter", shortened(parameter.name)));
      }
    }
  }

  private @Nullable Parameter ask(String name) {
    for (Parameter parameter : parameters) {
      if (parameter.name.equals(name)) {
        parameter.asked = true;
        return parameter;
      }
    }
    return null;
  }

  /** The answer to a value of the wrong form. */
  public static Rejected bad(String name, String what) {
    return new Rejected(
        Problem.of(ProblemCode.BAD_PARAMETER, "parameter " + quoted(name) + " " + what)
            .with("parameter", name));
  }

  private static String quoted(String name) {
    return "'" + shortened(name) + "'";
  }

  private static String shortened(String name) {
    String text = Utf8.printable(name);
    return text.length() <= 64 ? text : text.substring(0, 64);
  }
}
