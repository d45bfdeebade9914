package io.lockstep.raft.sim;

import io.lockstep.raft.node.NodeClock;

/** The monotonic clock of one machine: its zero is its own, and it runs a little fast or slow. */
public final class SimClock implements NodeClock {
  private final Simulation simulation;
  private final long zero;
  private final long driftPpm;

  /**
   * Makes a clock.
   *
   * @param zero what it shows when the run begins; anything
   * @param driftPpm parts in a million by which it runs fast, negative for slow
   */
  public SimClock(Simulation simulation, long zero, long driftPpm) {
    this.simulation = simulation;
    this.zero = zero;
    this.driftPpm = driftPpm;
  }

  @Override
  public long nanoTime() {
    long now = simulation.now();
    return zero + now + now / 1_000 * driftPpm / 1_000;
  }

  /** The true time at which this clock showed {@code nanos}, to a microsecond, not later. */
  public long trueTimeOf(long nanos) {
    double rate = 1 + driftPpm / 1e6;
    return (long) ((nanos - zero) / rate) - 1_000;
  }

  /** How much true time passes while this clock advances by {@code nanos}. */
  long trueNanos(long nanos) {
    return nanos - nanos / 1_000 * driftPpm / 1_000;
  }
}
