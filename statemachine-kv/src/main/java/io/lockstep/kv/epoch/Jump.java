package io.lockstep.kv.epoch;

import io.lockstep.kv.id.Sequence;

/**
 * How far the numbers of a new epoch are ahead. Revisions, and with them tokens, begin at a
 * multiple of 2^40, so many whole blocks after the last one known; log indices rise by as many
 * blocks of 2^40, ids and stamps by as many of 2^48. A cluster that gives out less than a block of
 * each between a backup and its end, 34 years of 1,000 revisions a second, has then given out none
 * of them.
 *
 * @param revision the epoch's first
 * @param blocks from the block of the last revision before to that of {@link #revision}
 */
record Jump(long revision, long blocks) {
  /** Revisions and indices are below; exact as JSON numbers. */
  static final long END = 1L << 53;

  private static final int REVISION_BITS = 40;
  private static final int ID_BITS = 48;

  /** A block is left free, for what the cluster before can have given out of it. */
  private static final long BLOCKS = 2;

  /**
   * The jump from a state at {@code revision}.
   *
   * @param above another revision that the epoch is to be above, in the same way; 0 for none
   */
  static Jump from(long revision, long above) {
    long first = ((Math.max(revision, above) >>> REVISION_BITS) + BLOCKS) << REVISION_BITS;
    return new Jump(first, (first >>> REVISION_BITS) - (revision >>> REVISION_BITS));
  }

  /** Whether a whole block of revisions and of indices is left in the new epoch. */
  boolean hasRoom(long indexBefore) {
    long most = END - (1L << REVISION_BITS);
    return revision <= most && index(indexBefore) <= most;
  }

  long index(long before) {
    return ((before >>> REVISION_BITS) + blocks) << REVISION_BITS;
  }

  /** Where the ids or stamps of a sequence go on; at their end there are none any more. */
  long id(long before) {
    return Math.min(Sequence.END, ((before >>> ID_BITS) + blocks) << ID_BITS);
  }
}
