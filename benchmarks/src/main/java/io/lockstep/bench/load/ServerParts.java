package io.lockstep.bench.load;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where slow writes spent their time: for the slowest hundredth of the answers, the means of what
 * the nodes say in {@code Server-Timing}. Queue, replicate and apply follow one another, fsync runs
 * beside replicate. What the three leave of the whole was spent before the leader had the request,
 * on the way back, or in the client.
 */
public final class ServerParts {
  private static final List<String> NAMES = List.of("queue", "fsync", "replicate", "apply");
  private static final Pattern HEADER =
      Pattern.compile("\\r\\nserver-timing: *([^\\r]*)\\r", Pattern.CASE_INSENSITIVE);
  private static final Pattern SPAN = Pattern.compile("([a-z]+);dur=([0-9.]+)");

  private final List<Sample> samples = new ArrayList<>();

  private record Sample(long micros, List<Double> millis) {}

  /** Takes one answer's latency and head; an answer without the header counts for nothing. */
  void record(long micros, String head) {
    Matcher header = HEADER.matcher(head);
    if (!header.find()) {
      return;
    }
    List<Double> millis = new ArrayList<>(Collections.nCopies(NAMES.size(), 0.0));
    Matcher span = SPAN.matcher(header.group(1));
    while (span.find()) {
      int part = NAMES.indexOf(span.group(1));
      if (part >= 0) {
        millis.set(part, Double.valueOf(span.group(2)));
      }
    }
    samples.add(new Sample(micros, millis));
  }

  /** One line's end, or nothing if no answer had parts. */
  public String slowest() {
    if (samples.isEmpty()) {
      return "";
    }
    List<Sample> slow = new ArrayList<>(samples);
    slow.sort(Comparator.comparingLong(Sample::micros).reversed());
    slow = slow.subList(0, Math.max(1, slow.size() / 100));
    StringBuilder text = new StringBuilder();
    text.append(" slowest=").append(slow.size());
    text.append(millis("whole", slow.stream().mapToLong(Sample::micros).average(), 1_000));
    for (int i = 0; i < NAMES.size(); i++) {
      int part = i;
      text.append(
          millis(
              NAMES.get(i),
              slow.stream().mapToDouble(sample -> sample.millis.get(part)).average(),
              1));
    }
    return text.toString();
  }

  private static String millis(String name, OptionalDouble mean, double unit) {
    return String.format(Locale.ROOT, " %s=%.2fms", name, mean.orElseThrow() / unit);
  }
}
