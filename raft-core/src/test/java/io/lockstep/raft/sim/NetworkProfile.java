package io.lockstep.raft.sim;

/**
 * How the wires of one run behave when nothing is cut.
 *
 * @param delayNanos typical one-way delay
 * @param lossPermille messages lost
 * @param duplicatePermille protocol messages that arrive twice
 * @param reorder whether messages of one link may overtake each other
 * @param holdPermille of what a cut link swallows, what is delivered after the cut is over
 * @param refuses whether the peers of a killed process learn at once that it is gone
 */
public record NetworkProfile(
    long delayNanos,
    int lossPermille,
    int duplicatePermille,
    boolean reorder,
    int holdPermille,
    boolean refuses) {

  static NetworkProfile of(Chance chance, FaultPlan plan) {
    long[] delays = {50_000, 200_000, 1_000_000, 5_000_000, 20_000_000};
    return new NetworkProfile(
        delays[chance.below(delays.length)],
        plan.has(Fault.LOSS) ? (int) chance.between(5, 200) : 0,
        plan.has(Fault.DUPLICATION) ? (int) chance.between(5, 200) : 0,
        plan.has(Fault.REORDERING),
        plan.has(Fault.LATE_DELIVERY) ? (int) chance.between(50, 600) : 0,
        chance.oneIn(2));
  }
}
