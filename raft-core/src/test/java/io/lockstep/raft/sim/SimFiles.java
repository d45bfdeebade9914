package io.lockstep.raft.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Named files of a simulated disk: as processes see them, and as a power cut would leave them.
 * Names change durably in the order in which they were changed; a cut leaves any number of the
 * changes since the last {@link #forceNames}.
 */
final class SimFiles {
  private static final int SECTOR = 512;

  private final List<NameChange> unforced = new ArrayList<>();
  private SortedMap<String, Content> visible = new TreeMap<>();
  private SortedMap<String, Content> durable = new TreeMap<>();

  /** One change of names. */
  @FunctionalInterface
  private interface NameChange {
    void apply(SortedMap<String, Content> names);
  }

  /** The bytes of a file that is written from its beginning to its end. */
  static final class Content {
    private byte[] bytes = new byte[0];
    private int forced;
    private boolean lost;

    byte[] bytes() {
      return bytes;
    }

    void append(byte[] more) {
      int length = bytes.length;
      bytes = Arrays.copyOf(bytes, length + more.length);
      System.arraycopy(more, 0, bytes, length, more.length);
    }

    /** After a force that failed, none writes what that one should have. */
    void force() {
      forced = lost ? forced : bytes.length;
    }

    void failForce() {
      lost = true;
    }

    /** Another file's contents, or this one's shortened or altered. */
    void rot(byte[] others) {
      bytes = others;
      forced = Math.min(forced, others.length);
    }

    private void cutPower(Chance chance) {
      int way = chance.below(3);
      int length = way == 0 ? forced : bytes.length;
      byte[] left = Arrays.copyOf(bytes, length);
      for (int from = forced; way == 2 && from < length; from += SECTOR) {
        if (chance.oneIn(2)) {
          Arrays.fill(left, from, Math.min(length, from + SECTOR), (byte) 0);
        }
      }
      bytes = left;
      forced = length;
    }
  }

  List<String> names() {
    return List.copyOf(visible.keySet());
  }

  @Nullable Content find(String name) {
    return visible.get(name);
  }

  /** Whether a file by some name has this content. */
  boolean holds(Content content) {
    return visible.containsValue(content) || durable.containsValue(content);
  }

  Content create(String name) {
    Content content = new Content();
    change(names -> names.put(name, content));
    return content;
  }

  void rename(String from, String to) {
    Content content = Objects.requireNonNull(visible.get(from), from);
    change(
        names -> {
          names.remove(from);
          names.put(to, content);
        });
  }

  void delete(String name) {
    change(names -> names.remove(name));
  }

  void forceNames() {
    unforced.forEach(change -> change.apply(durable));
    unforced.clear();
  }

  void cutPower(Chance chance) {
    if (!unforced.isEmpty()) {
      int survive = chance.below(unforced.size() + 1);
      unforced.subList(0, survive).forEach(change -> change.apply(durable));
      unforced.clear();
    }
    durable.values().stream().filter(this::unsettled).forEach(content -> content.cutPower(chance));
    visible = new TreeMap<>(durable);
  }

  private boolean unsettled(Content content) {
    return content.forced < content.bytes.length;
  }

  private void change(NameChange change) {
    change.apply(visible);
    unforced.add(change);
  }
}
