package io.lockstep.http.service;

import io.lockstep.kv.id.Sequence;

/**
 * The decisions that the order of ids hangs on. Stateless. Open for subclasses so that a test can
 * break one of them and see that the breach is found; a node runs this class as it is.
 */
public class IdRules {
  /** Asks for a linearizable read. */
  public interface ReadRound {
    void begin(ReadSink sink);
  }

  /**
   * Tells {@code sink} when this node's state is as new as anything that was acknowledged before
   * ids were taken out of a block: a node that was deposed learns by that who reserved since.
   */
  protected void confirm(ReadRound round, ReadSink sink) {
    round.begin(sink);
  }

  /** Whether ids out of the block of {@code since} may still be given in that state. */
  protected boolean stillGood(Sequence sequence, long since) {
    return sequence.since() == since;
  }
}
