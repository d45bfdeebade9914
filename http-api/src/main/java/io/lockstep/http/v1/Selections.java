package io.lockstep.http.v1;

import static java.util.stream.Collectors.joining;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.Topic;
import io.lockstep.raft.bytes.Bytes;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a watch is about, as clients say it. */
final class Selections {
  private static final String KEY = "key";
  private static final String KINDS =
      Stream.of(Topic.values()).map(Selections::text).collect(joining(", ", KEY + ", ", ""));

  private Selections() {}

  /**
   * One thing, or all whose names start so.
   *
   * @param kind of what; null for keys
   * @param field where the kind was said
   */
  static Selection of(@Nullable String kind, Bytes name, boolean prefix, String field) {
    if (kind == null || kind.equals(KEY)) {
      if (!prefix) {
        Keys.require(name);
      }
      return prefix ? new Selection.KeyPrefix(name) : new Selection.OneKey(name);
    }
    for (Topic topic : Topic.values()) {
      if (kind.equals(text(topic))) {
        if (!prefix) {
          Keys.requireName(name);
        }
        return prefix ? new Selection.Prefix(topic, name) : new Selection.One(topic, name);
      }
    }
    throw new Rejected(
        Problem.of(ProblemCode.BAD_PARAMETER, field + " is one of " + KINDS)
            .with("parameter", field));
  }

  /** Whether a watch of it can begin with the state. */
  static boolean ofKeys(Selection selection) {
    return selection instanceof Selection.OneKey || selection instanceof Selection.KeyPrefix;
  }

  private static String text(Topic topic) {
    return topic.name().toLowerCase(Locale.ROOT);
  }
}
