package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What nodes say of themselves at {@code /metrics}. */
final class Figures {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Figures() {}

  static long of(LocalNode node, String name) {
    String page = Http.get(node.uri("/metrics"), PATIENCE).body();
    Matcher line = Pattern.compile("(?m)^" + name + " ([0-9.E]+)$").matcher(page);
    assertTrue(line.find(), () -> name + " is not in what " + node.id + " says\n" + page);
    return (long) Double.parseDouble(line.group(1));
  }

  static long sum(List<LocalNode> nodes, String name) {
    return nodes.stream().mapToLong(node -> of(node, name)).sum();
  }
}
