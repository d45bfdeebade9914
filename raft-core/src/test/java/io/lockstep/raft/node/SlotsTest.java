package io.lockstep.raft.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.raft.Invariant;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SlotsTest {
  @Test
  void agreesWithAMap() {
    for (long seed = 0; seed < 200; seed++) {
      agree(seed);
    }
  }

  private static void agree(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Slots<Long> slots = new Slots<>();
    TreeMap<Long, Long> model = new TreeMap<>();
    int stepMax = 1 + random.nextInt(20);
    int takes = 1 + random.nextInt(10);
    long number = random.nextInt(1_000);
    for (int i = 0; i < 2_000; i++) {
      String at = "seed " + seed + " step " + i;
      if (random.nextInt(10) >= takes) {
        number += 1 + random.nextInt(stepMax);
        slots.put(number, number * 7);
        model.put(number, number * 7);
      } else if (random.nextInt(4) == 0) {
        var oldest = model.pollFirstEntry();
        assertEquals(oldest == null ? null : oldest.getValue(), slots.takeOldest(), at);
      } else {
        long base = model.isEmpty() ? number : model.firstKey();
        long asked = base - 1 + random.nextInt((int) (number - base) + 3);
        assertEquals(model.remove(asked), slots.take(asked), at);
      }
      assertEquals(model.size(), slots.size(), at);
      assertEquals(model.isEmpty() ? Long.MAX_VALUE : model.firstKey(), slots.oldest(), at);
    }
  }

  @Test
  void numbersRise() {
    Slots<String> slots = new Slots<>();
    slots.put(5, "a");
    assertThrows(Invariant.Broken.class, () -> slots.put(5, "b"));
    assertThrows(Invariant.Broken.class, () -> slots.put(4, "b"));
    slots.take(5);
    slots.put(4, "an empty one begins anywhere");
    assertEquals(4, slots.oldest());
  }
}
