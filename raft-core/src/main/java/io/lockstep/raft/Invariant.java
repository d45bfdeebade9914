package io.lockstep.raft;

import org.jspecify.annotations.Nullable;

/**
 * A condition that the model guarantees. It is checked in production too: a broken invariant is a
 * bug, and a node that has one stops rather than go on from a state that nobody has reasoned about.
 */
public final class Invariant {
  private Invariant() {}

  /** Thrown when a condition that the model guarantees does not hold; never caught to go on. */
  public static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(String condition) {
      super(condition);
    }
  }

  /**
   * Throws {@link Broken} unless {@code holds}; {@code condition} states what should have been
   * true.
   */
  public static void check(boolean holds, String condition) {
    if (!holds) {
      throw new Broken(condition);
    }
  }

  /**
   * As {@link #check(boolean, String)}, with two figures that are only joined to the text on
   * failure.
   */
  public static void check(boolean holds, String condition, long left, long right) {
    if (!holds) {
      throw new Broken(condition + ": " + left + ", " + right);
    }
  }

  /** {@code value}, which the model guarantees to be there. */
  public static <T> T present(@Nullable T value, String condition) {
    if (value == null) {
      throw new Broken(condition);
    }
    return value;
  }
}
