package io.lockstep.sim;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The guests of one run, and what they agree on. */
final class Guests {
  private static final int FIRST_INDEX = 2_000;
  private static final int OF_PLACES = 3;
  private static final int OF_GATES = 3;
  private static final int OF_TURNS = 3;

  private final Consumer<Offer> tally;
  private final List<Guest> all = new ArrayList<>();
  private int latch;
  private int period;

  /** {@code tally} hears of each use that the service was of. */
  Guests(SystemWorkload workload, Consumer<Offer> tally) {
    this.tally = tally;
    Set<Offer> on = Offer.of(workload.cluster().settings().seed());
    EnumSet<Offer> ofPlaces = Offer.ofPlaces(on);
    EnumSet<Offer> ofGates = Offer.ofGates(on);
    EnumSet<Offer> ofTurns = Offer.ofTurns(on);
    for (int i = 0; i < OF_PLACES && !ofPlaces.isEmpty(); i++) {
      all.add(new PlaceGuest(workload, FIRST_INDEX + i, ofPlaces));
    }
    for (int i = 0; i < OF_GATES && !ofGates.isEmpty(); i++) {
      all.add(new GateGuest(workload, FIRST_INDEX + OF_PLACES + i, ofGates));
    }
    for (int i = 0; i < OF_TURNS && !ofTurns.isEmpty(); i++) {
      all.add(new TogetherGuest(workload, FIRST_INDEX + OF_PLACES + OF_GATES + i, ofTurns));
    }
  }

  void start() {
    all.forEach(Guest::pause);
  }

  void used(Offer offer) {
    tally.accept(offer);
  }

  /** The latch that everyone goes to at present. */
  int latch() {
    return latch;
  }

  /** This latch is open: the next one comes. */
  void opened(int which) {
    latch = Math.max(latch, which + 1);
  }

  /** The period whose work is to be done at present. */
  int period() {
    return period;
  }

  /** The work of this period is done: the next one comes. */
  void done(int which) {
    period = Math.max(period, which + 1);
  }

  /** Who may be handed an office. */
  static String anyone(int drawn) {
    return "g" + (FIRST_INDEX + drawn % OF_PLACES);
  }
}
