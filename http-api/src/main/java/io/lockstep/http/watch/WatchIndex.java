package io.lockstep.http.watch;

import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.Topic;
import io.lockstep.raft.bytes.Bytes;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the watches that an event concerns: by its key, and by each length at which some watched
 * prefix ends. So a wake-up costs by the watches concerned and not by those that are there. Owned
 * by one loop.
 */
final class WatchIndex {
  /** Watches of one kind of thing, by its name. */
  private static final class Names {
    final Map<Bytes, Set<Watcher>> exact = new HashMap<>();
    final Map<Bytes, Set<Watcher>> prefixes = new HashMap<>();

    /** How many prefixes there are of each length. */
    final TreeMap<Integer, Integer> lengths = new TreeMap<>();

    void visit(Bytes name, Consumer<Watcher> visitor) {
      each(exact.get(name), visitor);
      for (int length : lengths.keySet()) {
        if (length > name.length()) {
          return;
        }
        each(prefixes.get(name.slice(0, length)), visitor);
      }
    }

    void addPrefix(Bytes prefix, Watcher stream) {
      if (!prefixes.containsKey(prefix)) {
        lengths.merge(prefix.length(), 1, Integer::sum);
      }
      add(prefixes, prefix, stream);
    }

    void removePrefix(Bytes prefix, Watcher stream) {
      remove(prefixes, prefix, stream);
      if (!prefixes.containsKey(prefix)) {
        lengths.computeIfPresent(prefix.length(), (length, n) -> n == 1 ? null : n - 1);
      }
    }
  }

  private final Names keys = new Names();

  /** Few watch a range that is no prefix: they are looked at one by one. */
  private final Set<Watcher> ranges = new LinkedHashSet<>();

  private final Map<Topic, Names> topics = new EnumMap<>(Topic.class);

  void add(Watcher stream) {
    switch (stream.selection()) {
      case Selection.OneKey(Bytes key) -> add(keys.exact, key, stream);
      case Selection.KeyPrefix(Bytes prefix) -> keys.addPrefix(prefix, stream);
      case Selection.KeysIn keysIn -> ranges.add(stream);
      case Selection.One(Topic topic, Bytes name) -> add(of(topic).exact, name, stream);
      case Selection.Prefix(Topic topic, Bytes prefix) -> of(topic).addPrefix(prefix, stream);
    }
  }

  void remove(Watcher stream) {
    switch (stream.selection()) {
      case Selection.OneKey(Bytes key) -> remove(keys.exact, key, stream);
      case Selection.KeyPrefix(Bytes prefix) -> keys.removePrefix(prefix, stream);
      case Selection.KeysIn keysIn -> ranges.remove(stream);
      case Selection.One(Topic topic, Bytes name) -> remove(of(topic).exact, name, stream);
      case Selection.Prefix(Topic topic, Bytes prefix) -> of(topic).removePrefix(prefix, stream);
    }
  }

  /** Calls {@code visitor} with each watch that {@code event} concerns, perhaps more than once. */
  void visit(Event event, Consumer<Watcher> visitor) {
    if (event instanceof Event.OfKey of) {
      keys.visit(of.key(), visitor);
      for (Watcher stream : ranges) {
        if (stream.selection().selects(of)) {
          visitor.accept(stream);
        }
      }
      return;
    }
    Names watched = topics.get(Topic.of(event));
    if (watched != null) {
      watched.visit(Topic.name(event), visitor);
    }
  }

  private Names of(Topic topic) {
    return topics.computeIfAbsent(topic, none -> new Names());
  }

  private static void each(@Nullable Set<Watcher> streams, Consumer<Watcher> visitor) {
    if (streams != null) {
      streams.forEach(visitor);
    }
  }

  private static void add(Map<Bytes, Set<Watcher>> byName, Bytes name, Watcher stream) {
    byName.computeIfAbsent(name, key -> new LinkedHashSet<>()).add(stream);
  }

  private static void remove(Map<Bytes, Set<Watcher>> byName, Bytes name, Watcher stream) {
    Set<Watcher> streams = byName.get(name);
    if (streams != null && streams.remove(stream) && streams.isEmpty()) {
      byName.remove(name);
    }
  }
}
