package io.lockstep.raft.quorum;

import java.util.Arrays;

/** More than half: any two majorities have a voter in common (Raft thesis 3.4, 3.6.3). */
public final class Majority {
  private Majority() {}

  /** How many of {@code voters} are a majority. */
  public static int of(int voters) {
    return voters / 2 + 1;
  }

  /**
   * The highest value that a majority has reached.
   *
   * @param values one for each voter; sorted in place
   */
  public static long reached(long[] values) {
    Arrays.sort(values);
    return values[values.length - of(values.length)];
  }
}
