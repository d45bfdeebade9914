package io.lockstep.raft.sim.check;

import java.util.Arrays;

/** A growing list of longs. */
final class Longs {
  private long[] values = new long[64];
  private int size;

  int size() {
    return size;
  }

  long get(long position) {
    return values[(int) position];
  }

  void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size * 2);
    }
    values[size++] = value;
  }

  void cut(long newSize) {
    size = (int) Math.min(size, newSize);
  }
}
