package io.lockstep.sim;

import io.lockstep.raft.sim.Chance;
import java.util.EnumSet;
import java.util.Set;

/** What a run's guests use of the service: drawn one by one, so that a run has few or many. */
enum Offer {
  SHARED_LOCKS,
  TICKETS,
  FORCE,
  SEMAPHORES,
  ELECTIONS,
  LATCHES,
  ONCE,
  WORKER_IDS,
  FENCES,
  TOGETHER,
  DELAYS;

  private static final EnumSet<Offer> OF_PLACES = EnumSet.range(SHARED_LOCKS, ELECTIONS);
  private static final EnumSet<Offer> OF_GATES = EnumSet.range(LATCHES, FENCES);

  /** Half of all runs have none. */
  static Set<Offer> of(long seed) {
    Chance chance = Chance.of(seed, "offers");
    EnumSet<Offer> on = EnumSet.noneOf(Offer.class);
    if (chance.oneIn(2)) {
      for (Offer offer : values()) {
        if (chance.oneIn(2)) {
          on.add(offer);
        }
      }
    }
    return on;
  }

  /** Of these, what is about locks and what is like them. */
  static EnumSet<Offer> ofPlaces(Set<Offer> on) {
    return common(OF_PLACES, on);
  }

  /** Of these, what is about gates and numbers. */
  static EnumSet<Offer> ofGates(Set<Offer> on) {
    return common(OF_GATES, on);
  }

  /** Of these, what is about several locks, and such as stay closed for a while. */
  static EnumSet<Offer> ofTurns(Set<Offer> on) {
    return common(EnumSet.of(TOGETHER, DELAYS), on);
  }

  private static EnumSet<Offer> common(EnumSet<Offer> some, Set<Offer> on) {
    EnumSet<Offer> common = EnumSet.copyOf(some);
    common.retainAll(on);
    return common;
  }
}
