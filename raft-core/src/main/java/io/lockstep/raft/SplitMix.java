package io.lockstep.raft;

/** A small deterministic source of chance: SplitMix64 (Steele, Lea and Flood, 2014). */
final class SplitMix {
  private long state;

  SplitMix(long seed) {
    state = seed;
  }

  private long next() {
    state += 0x9e3779b97f4a7c15L;
    long mixed = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  /** From 0 up to but not including {@code bound}; even enough for time-outs. */
  long below(long bound) {
    return Long.remainderUnsigned(next(), bound);
  }
}
