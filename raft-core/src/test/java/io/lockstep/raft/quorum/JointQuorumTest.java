package io.lockstep.raft.quorum;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JointQuorumTest {
  @Test
  void withoutASecondSetItIsTheMajority() {
    assertEquals(5, JointQuorum.reached(new long[] {9, 5, 1}, new long[0]));
  }

  /** Against a count of who has reached it, value by value. */
  @Test
  void whatIsReachedIsReachedByBothMajorities() {
    Random random = new Random(3);
    for (int run = 0; run < 2_000; run++) {
      long[] incoming = random.longs(1 + random.nextInt(7), 0, 6).toArray();
      long[] outgoing = random.longs(1 + random.nextInt(7), 0, 6).toArray();
      long expected = 5;
      while (!majorityHas(incoming, expected) || !majorityHas(outgoing, expected)) {
        expected--;
      }
      assertEquals(expected, JointQuorum.reached(incoming.clone(), outgoing.clone()));
    }
  }

  private static boolean majorityHas(long[] values, long least) {
    return Arrays.stream(values).filter(value -> value >= least).count() * 2 > values.length;
  }

  @Test
  void anElectionIsWonInBothSetsAndLostInEither() {
    for (VoteResult one : VoteResult.values()) {
      assertEquals(VoteResult.LOST, JointQuorum.of(one, VoteResult.LOST));
      assertEquals(VoteResult.LOST, JointQuorum.of(VoteResult.LOST, one));
    }
    assertEquals(VoteResult.WON, JointQuorum.of(VoteResult.WON, VoteResult.WON));
    assertEquals(VoteResult.PENDING, JointQuorum.of(VoteResult.WON, VoteResult.PENDING));
    assertEquals(VoteResult.PENDING, JointQuorum.of(VoteResult.PENDING, VoteResult.WON));
  }
}
