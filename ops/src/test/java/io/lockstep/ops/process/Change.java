package io.lockstep.ops.process;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How changes of keys are written down, by whoever caused or saw them. */
final class Change {
  private static final Pattern INCREMENT =
      Pattern.compile("put ([^ ]+)=([0-9]+) by ([^ ]+)", Pattern.DOTALL);

  private Change() {}

  /** The key {@code key} was counted up to {@code count} by the mutation named {@code by}. */
  record Increment(String key, long count, String by) {
    /** The value that such a mutation writes. */
    String value() {
      return count + " by " + by;
    }
  }

  static String put(String key, String value) {
    return "put " + key + "=" + value;
  }

  /** The end of a key with its lease. */
  static String expire(String key) {
    return "expire " + key;
  }

  static String delete(String key) {
    return "delete " + key;
  }

  /** The increment that {@code change} tells of; null when it tells of something else. */
  static @Nullable Increment increment(String change) {
    Matcher matcher = INCREMENT.matcher(change);
    return matcher.matches()
        ? new Increment(matcher.group(1), Long.parseLong(matcher.group(2)), matcher.group(3))
        : null;
  }
}
