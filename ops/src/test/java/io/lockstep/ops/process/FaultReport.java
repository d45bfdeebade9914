package io.lockstep.ops.process;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a run under a fault came to.
 *
 * @param strikes how often the fault came and went
 * @param begun requests that were made
 * @param answered requests that were answered, refused conditions among them
 * @param unknown changes of which their clients never heard what became
 * @param longestGap the longest time without any answer since the first strike
 * @param perSecondBefore answers a second before the first strike
 * @param perSecondAfter answers a second after the last
 * @param verdict {@link #HELD}, or what was violated
 */
record FaultReport(
    List<FaultKind> kinds,
    int nodes,
    long seed,
    int strikes,
    long begun,
    long answered,
    long unknown,
    Duration longestGap,
    long perSecondBefore,
    long perSecondAfter,
    String verdict) {
  static final String HELD = "held";

  boolean held() {
    return verdict.equals(HELD);
  }

  String kindText() {
    return kinds.stream().map(FaultKind::label).collect(Collectors.joining("+"));
  }

  /** A row of a table of many runs. */
  String row() {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %d | %d | %d | %d | %d, %d | %s |",
        kindText(),
        nodes,
        strikes,
        begun,
        answered,
        unknown,
        longestGap.toMillis(),
        perSecondBefore,
        perSecondAfter,
        verdict);
  }

  static String head() {
    List<String> names =
        List.of(
            "Fault",
            "Nodes",
            "Strikes",
            "Requests",
            "Answered",
            "Unknown",
            "Longest gap, ms",
            "Answers/s before, after",
            "Verdict");
    return "| " + String.join(" | ", names) + " |\n|" + " --- |".repeat(names.size());
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-24s nodes %d, seed %d, strikes %d, operations %d, acknowledged %d, unknown %d,"
            + " longest gap %d ms, %d/s before, %d/s after: %s",
        kindText(),
        nodes,
        seed,
        strikes,
        begun,
        answered,
        unknown,
        longestGap.toMillis(),
        perSecondBefore,
        perSecondAfter,
        verdict);
  }
}
