package io.lockstep.http.request;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;

/**
 * Durations as people write them: {@code 500ms}, {@code 15s}, {@code 2m}, {@code 1h}, {@code 1d}.
 */
public final class Durations {
  private Durations() {}

  /** The milliseconds that {@code text} stands for; {@code name} is the field to blame. */
  public static long millis(String name, String text) {
    int end = 0;
    while (end < text.length() && Character.digit(text.charAt(end), 10) >= 0) {
      end++;
    }
    long number = Digits.parse(text, 0, end);
    long unit =
        switch (text.substring(end)) {
          case "ms" -> 1;
          case "s" -> 1_000;
          case "m" -> 60_000;
          case "h" -> 3_600_000;
          case "d" -> 86_400_000;
          default -> -1;
        };
    if (number < 0 || unit < 0 || number > Long.MAX_VALUE / unit) {
      String what =
          number >= 0 && end == text.length() ? "needs a unit" : "is not a duration such as 15s";
      throw new Rejected(
          Problem.of(
                  ProblemCode.BAD_DURATION,
                  name + " " + what + ": an integer followed by ms, s, m, h or d")
              .with("field", name));
    }
    return number * unit;
  }

  /** As {@link #millis(String, String)}, and from {@code min} to {@code max}. */
  public static long millis(String name, String text, long min, long max) {
    long millis = millis(name, text);
    if (millis < min || millis > max) {
      throw outOfRange(name, min, max);
    }
    return millis;
  }

  /** The answer to a duration that is not allowed. */
  public static Rejected outOfRange(String name, long min, long max) {
    return new Rejected(
        Problem.of(
                ProblemCode.DURATION_OUT_OF_RANGE,
                name + " must be from " + min + " ms to " + max + " ms")
            .with("field", name)
            .with("min_ms", min)
            .with("max_ms", max));
  }
}
