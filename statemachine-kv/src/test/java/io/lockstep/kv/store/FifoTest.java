package io.lockstep.kv.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.raft.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FifoTest {
  /** As a list would have it, and what was before a change stays as it was. */
  @Test
  void itemsComeInTheOrderInWhichTheyWereAdded() {
    SplittableRandom random = new SplittableRandom(5);
    List<Integer> expected = new ArrayList<>();
    Fifo<Integer> queue = Fifo.empty();
    for (int i = 0; i < 20_000; i++) {
      List<Integer> before = i % 500 == 0 ? List.copyOf(expected) : null;
      Fifo<Integer> old = queue;
      if (expected.isEmpty() || random.nextInt(i % 4_000 < 2_000 ? 3 : 5) < 2) {
        expected.add(i);
        queue = queue.with(i);
      } else {
        assertEquals(expected.removeFirst(), queue.first());
        queue = queue.withoutFirst();
      }
      assertEquals(expected.size(), queue.size());
      if (before != null) {
        assertEquals(before, old.items());
        assertEquals(expected, queue.items());
      }
    }
  }

  @Test
  void thereIsNothingInAnEmptyOne() {
    Fifo<String> empty = Fifo.<String>empty().with("a").withoutFirst();
    assertEquals(0, empty.size());
    assertEquals(List.of(), empty.items());
    assertThrows(Invariant.Broken.class, empty::first);
    assertThrows(Invariant.Broken.class, empty::withoutFirst);
    assertEquals("b", empty.with("b").first());
  }
}
