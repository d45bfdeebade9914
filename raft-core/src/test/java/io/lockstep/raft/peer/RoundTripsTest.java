package io.lockstep.raft.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RoundTripsTest {
  private final RoundTrips trips = new RoundTrips();
  private long pings;

  private void ping(long nanos) {
    trips.sent(++pings, 1_000);
    trips.answered(pings, 1_000 + nanos);
  }

  @Test
  void nothingIsKnownBeforeTheFirstAnswer() {
    trips.sent(1, 0);
    assertEquals(RoundTrips.UNKNOWN, trips.nanos());
  }

  @Test
  void aPauseDoesNotCount() {
    ping(50);
    ping(2_000_000);
    assertEquals(50, trips.nanos());
  }

  @Test
  void aWayThatGotLongerShowsAfterAWhile() {
    ping(50);
    for (int i = 0; i < 7; i++) {
      ping(300);
    }
    assertEquals(50, trips.nanos());
    ping(301);
    assertEquals(300, trips.nanos());
  }

  @Test
  void anAnswerToAnEarlierPingIsNotMeasured() {
    trips.sent(1, 0);
    trips.sent(2, 1_000);
    trips.answered(1, 1_001);
    assertEquals(RoundTrips.UNKNOWN, trips.nanos());
    trips.answered(2, 1_500);
    assertEquals(500, trips.nanos());
  }
}
