package io.lockstep.raft.node;

import java.util.ArrayDeque;

/**
 * The moments at which this node's disk had what its leader appended, for the entries of one term
 * that somebody waits for. Asked in rising order of index; holds at most one moment for each flush
 * since the last commit. Owned by the raft loop.
 */
final class FlushTimes {
  private record Flush(long upTo, long nanos) {}

  private final ArrayDeque<Flush> flushes = new ArrayDeque<>();

  /** Everything up to {@code upTo} is on the disk now. */
  void flushed(long upTo, long nowNanos) {
    flushes.add(new Flush(upTo, nowNanos));
  }

  /** Tells {@code proposal}, whose entry is at {@code index}, if the disk has it. */
  void tell(OpenProposal<?> proposal, long index) {
    Flush first = flushes.peek();
    while (first != null && first.upTo() < index) {
      flushes.remove();
      first = flushes.peek();
    }
    if (first != null) {
      proposal.forced(first.nanos());
    }
  }

  void clear() {
    flushes.clear();
  }
}
