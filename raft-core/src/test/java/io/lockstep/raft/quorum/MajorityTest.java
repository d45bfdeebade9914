package io.lockstep.raft.quorum;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MajorityTest {
  @Test
  void isMoreThanHalf() {
    int[] majorities = {1, 2, 2, 3, 3, 4, 4};
    for (int voters = 1; voters <= 7; voters++) {
      assertEquals(majorities[voters - 1], Majority.of(voters), voters + " voters");
    }
  }

  @Test
  void reachesTheHighestValueThatAMajorityHas() {
    Random random = new Random(3);
    for (int run = 0; run < 10_000; run++) {
      long[] values = random.longs(1 + random.nextInt(7), -3, 6).toArray();
      long expected = Long.MIN_VALUE;
      for (long candidate : values) {
        long have = Arrays.stream(values).filter(value -> value >= candidate).count();
        if (have >= Majority.of(values.length)) {
          expected = Math.max(expected, candidate);
        }
      }
      String shown = Arrays.toString(values);
      assertEquals(expected, Majority.reached(values), shown);
    }
  }

  @Test
  void anElectionIsOpenUntilItsResultIsCertain() {
    for (int voters = 1; voters <= 7; voters++) {
      for (int granted = 0; granted <= voters; granted++) {
        for (int refused = 0; refused <= voters - granted; refused++) {
          int open = voters - granted - refused;
          VoteResult expected =
              granted * 2 > voters
                  ? VoteResult.WON
                  : (granted + open) * 2 > voters ? VoteResult.PENDING : VoteResult.LOST;
          assertEquals(expected, VoteResult.of(voters, granted, refused));
        }
      }
    }
  }
}
