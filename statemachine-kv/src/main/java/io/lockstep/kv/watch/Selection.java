package io.lockstep.kv.watch;

import io.lockstep.kv.command.KeyRange;
import io.lockstep.raft.bytes.Bytes;

/** Which events a watch is about. */
public sealed interface Selection {
  /** Whether {@code event} is one of them. */
  boolean selects(Event event);

  /** Changes of one key. */
  record OneKey(Bytes key) implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfKey of && of.key().equals(key);
    }
  }

  /** Changes of all keys that start with {@code prefix}. */
  record KeyPrefix(Bytes prefix) implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfKey of && of.key().startsWith(prefix);
    }
  }

  /** Changes of all keys within a range. */
  record KeysIn(KeyRange range) implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfKey of && range.contains(of.key());
    }
  }

  /** Changes of one thing of this topic. */
  record One(Topic topic, Bytes name) implements Selection {
    @Override
    public boolean selects(Event event) {
      return Topic.of(event) == topic && Topic.name(event).equals(name);
    }
  }

  /** Changes of all things of this topic whose names start with {@code prefix}. */
  record Prefix(Topic topic, Bytes prefix) implements Selection {
    @Override
    public boolean selects(Event event) {
      return Topic.of(event) == topic && Topic.name(event).startsWith(prefix);
    }
  }
}
