package io.lockstep.raft.sim.check;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Whether what a watcher saw is every change of what it watches, in order, each once, all changes
 * of one revision together (contract, 8).
 */
public final class WatchCompleteness {
  private final TreeMap<Long, List<String>> truth = new TreeMap<>();

  /** All changes of one revision, as text that names the key, in order. */
  public record Frame(long revision, List<String> changes) {
    public Frame {
      changes = List.copyOf(changes);
    }
  }

  /**
   * What one watcher was told, over all its connections.
   *
   * @param from the first revision it asked for
   * @param matches the changes that it asked for
   * @param frames in the order in which they came
   * @param completeUpTo the highest revision of a frame or progress mark
   */
  public record Watcher(
      String name, long from, Predicate<String> matches, List<Frame> frames, long completeUpTo) {}

  /** Starts from what really changed, which each revision states once. */
  public WatchCompleteness(List<Frame> changes) {
    for (Frame frame : changes) {
      if (truth.put(frame.revision(), frame.changes()) != null) {
        throw new IllegalArgumentException("revision " + frame.revision() + " twice");
      }
    }
  }

  /** Throws {@link Violation} unless the watcher saw exactly what it should have. */
  public void check(Watcher watcher) {
    long last = 0;
    for (Frame frame : watcher.frames()) {
      if (frame.revision() <= last) {
        throw violation(watcher, "revision " + frame.revision() + " came after " + last);
      }
      last = frame.revision();
    }
    Map<Long, List<String>> expected = new TreeMap<>();
    for (Map.Entry<Long, List<String>> change : judged(watcher).entrySet()) {
      List<String> matching = change.getValue().stream().filter(watcher.matches()).toList();
      if (!matching.isEmpty()) {
        expected.put(change.getKey(), matching);
      }
    }
    Map<Long, List<String>> seen = new TreeMap<>();
    watcher.frames().forEach(frame -> seen.put(frame.revision(), frame.changes()));
    if (!seen.equals(expected)) {
      throw violation(watcher, difference(expected, seen));
    }
  }

  /** What really changed in the revisions that the watcher was told of. */
  private Map<Long, List<String>> judged(Watcher watcher) {
    long upTo = upTo(watcher);
    return upTo < watcher.from() ? new TreeMap<>() : truth.subMap(watcher.from(), true, upTo, true);
  }

  private static long upTo(Watcher watcher) {
    long lastFrame = watcher.frames().isEmpty() ? 0 : watcher.frames().getLast().revision();
    return Math.max(watcher.completeUpTo(), lastFrame);
  }

  private static String difference(Map<Long, List<String>> expected, Map<Long, List<String>> seen) {
    for (Map.Entry<Long, List<String>> one : expected.entrySet()) {
      List<String> other = seen.get(one.getKey());
      if (!one.getValue().equals(other)) {
        return "revision " + one.getKey() + " changed " + one.getValue() + ", seen was " + other;
      }
    }
    TreeMap<Long, List<String>> more = new TreeMap<>(seen);
    more.keySet().removeAll(expected.keySet());
    return "never happened: " + more.firstEntry();
  }

  private static Violation violation(Watcher watcher, String detail) {
    return new Violation("watches are complete and in order", watcher.name() + ": " + detail);
  }
}
