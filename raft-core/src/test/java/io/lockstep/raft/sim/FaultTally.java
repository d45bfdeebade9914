package io.lockstep.raft.sim;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/**
 * How often faults of each class have happened: strikes of the nemesis, messages that the wires
 * lost, repeated, held back or let overtake, changes of the membership, runs with drifting clocks.
 */
public final class FaultTally {
  private final Map<Fault, Long> counts = new EnumMap<>(Fault.class);

  void count(Fault fault) {
    add(fault, 1);
  }

  void add(Fault fault, long times) {
    counts.merge(fault, times, Long::sum);
  }

  void add(FaultTally other) {
    other.counts.forEach(this::add);
  }

  /** How often {@code fault} has happened. */
  public long of(Fault fault) {
    return counts.getOrDefault(fault, 0L);
  }

  /** Those that happened, by class. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ");
    for (Fault fault : Fault.values()) {
      if (of(fault) > 0) {
        text.add(String.format(Locale.ROOT, "%s %,d", fault, of(fault)));
      }
    }
    return text.length() == 0 ? "none" : text.toString();
  }
}
