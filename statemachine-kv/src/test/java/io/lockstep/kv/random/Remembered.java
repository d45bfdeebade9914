package io.lockstep.kv.random;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The last few things that were told of, to be named again. */
final class Remembered<T> {
  private static final int MAX = 12;

  private final SplittableRandom random;
  private final List<T> list = new ArrayList<>();

  Remembered(SplittableRandom random) {
    this.random = random;
  }

  void add(@Nullable T value) {
    if (value == null) {
      return;
    }
    if (list.size() == MAX) {
      list.removeFirst();
    }
    list.add(value);
  }

  boolean isEmpty() {
    return list.isEmpty();
  }

  /** All of them, the oldest first. */
  List<T> all() {
    return list;
  }

  /** One of them. */
  T any() {
    return list.get(random.nextInt(list.size()));
  }

  /** One of them, the later ones more often. */
  T recent() {
    int size = list.size();
    return list.get(Math.max(random.nextInt(size), random.nextInt(size)));
  }
}
