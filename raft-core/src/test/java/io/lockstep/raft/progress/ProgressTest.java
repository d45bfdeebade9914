package io.lockstep.raft.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.progress.Progress.Probe;
import io.lockstep.raft.progress.Progress.Replicate;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static Inflights window() {
    return new Inflights(3, 100);
  }

  @Test
  void aProbeWaitsForItsAnswer() {
    Probe probe = new Probe(0, 5);
    assertFalse(probe.waiting());
    probe.sent(7);
    assertTrue(probe.waiting());
    probe.resume();
    assertFalse(probe.waiting());
    assertEquals(5, probe.next());
  }

  @Test
  void anAnswerAtItsPlaceEndsTheProbe() {
    Probe probe = new Probe(0, 5);
    probe.sent(7);
    Replicate replicate = assertInstanceOf(Replicate.class, probe.matched(7, window()));
    assertEquals(7, replicate.match());
    assertEquals(8, replicate.next());
  }

  @Test
  void whatWasSentWithTheProbeIsNotSentAgain() {
    Probe probe = new Probe(0, 5);
    probe.sent(7);
    Progress progress = probe.matched(4, window());
    assertEquals(4, progress.match());
    assertEquals(8, progress.next());
  }

  @Test
  void anAnswerFromBeforeDoesNotEndTheProbe() {
    Probe probe = new Probe(0, 5);
    probe.sent(7);
    assertSame(probe, probe.matched(2, window()));
    assertEquals(2, probe.match());
    assertTrue(probe.waiting());
  }

  @Test
  void streamingGoesOnFromWhatWasSent() {
    Replicate replicate = new Replicate(4, 5, window());
    replicate.sent(6, 10);
    replicate.sent(9, 10);
    assertEquals(10, replicate.next());
    replicate.matched(6);
    replicate.matched(4);
    assertEquals(6, replicate.match());
    assertEquals(10, replicate.next());
    replicate.matched(12);
    assertEquals(13, replicate.next());
  }

  @Test
  void theWindowAgreesWithAQueue() {
    Random random = new Random(5);
    for (int run = 0; run < 500; run++) {
      Inflights window = window();
      ArrayDeque<long[]> model = new ArrayDeque<>();
      long last = 0;
      for (int i = 0; i < 60; i++) {
        long bytes = model.stream().mapToLong(batch -> batch[1]).sum();
        assertEquals(model.size() == 3 || bytes >= 100, window.full());
        assertEquals(model.size(), window.count());
        if (!window.full() && random.nextBoolean()) {
          last += 1 + random.nextInt(5);
          long weight = random.nextInt(80);
          window.add(last, weight);
          model.add(new long[] {last, weight});
        } else {
          long freed = last - random.nextInt(10);
          window.freeTo(freed);
          model.removeIf(batch -> batch[0] <= freed);
        }
      }
    }
  }
}
