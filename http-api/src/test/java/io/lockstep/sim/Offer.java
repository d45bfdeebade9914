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
  FENCES;

  private static final EnumSet<Offer> OF_PLACES = EnumSet.range(SHARED_LOCKS, ELECTIONS);

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

  /** Whether it is about locks and what is like them. */
  boolean ofPlaces() {
    return OF_PLACES.contains(this);
  }
}
