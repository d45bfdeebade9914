package io.lockstep.raft.sim;

/** A stream of seeded chance (SplitMix64): the only source of it in a run. Not thread-safe. */
public final class Chance {
  private static final long GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  public Chance(long seed) {
    state = seed;
  }

  /** The stream of {@code seed} for one purpose: draws for other purposes do not disturb it. */
  public static Chance of(long seed, String purpose) {
    return new Chance(mix(mix(seed + GAMMA) ^ purpose.hashCode()));
  }

  public long nextLong() {
    state += GAMMA;
    return mix(state);
  }

  /** A number from 0 to {@code bound} - 1. */
  public int below(int bound) {
    return (int) below((long) bound);
  }

  /** A number from 0 to {@code bound} - 1. */
  public long below(long bound) {
    return Long.remainderUnsigned(nextLong(), bound);
  }

  /** A number from {@code from} to {@code to}, both included. */
  public long between(long from, long to) {
    return from + below(to - from + 1);
  }

  /** True once in {@code n} times. */
  public boolean oneIn(int n) {
    return below(n) == 0;
  }

  /** True in {@code permille} of 1,000 cases. */
  public boolean permille(int permille) {
    return below(1_000) < permille;
  }

  /** About {@code typical}, now and then much more: what delays of real machines look like. */
  public long delay(long typical) {
    long drawn = between(typical / 2, typical + typical / 2);
    if (oneIn(16)) {
      drawn += below(typical * 8 + 1);
    }
    return drawn;
  }

  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
