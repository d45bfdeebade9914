package io.lockstep.http.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.service.CoordinatorFixture.ReadAnswers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a node says of its own state, and waits until that is new enough. */
class LocalReadsTest {
  private final CoordinatorFixture it = new CoordinatorFixture();

  private ReadAnswers reach(long revision, long deadlineMillis) {
    ReadAnswers answers = new ReadAnswers();
    it.coordinator.reach(revision, it.time.in(deadlineMillis), answers);
    return answers;
  }

  @Test
  void anAgeIsKnownOnlyOnceSomethingWasConfirmed() {
    LocalState unknown = it.coordinator.local();
    assertFalse(unknown.isConfirmed());
    assertFalse(unknown.within(Long.MAX_VALUE / 1_000_000));
    it.confirmedAtNanos = it.time.nanoTime();
    it.time.pass(1_500);
    LocalState known = it.coordinator.local();
    assertEquals(1_500, known.ageMillis());
    assertTrue(known.within(1_500));
    assertFalse(known.within(1_499));
  }

  @Test
  void aGrantIsSafeForWhatIsLeftAfterTheMomentThatWasConfirmed() {
    assertEquals(0, it.coordinator.local().safeForMillis(5_000), "nothing is known");
    it.confirmedAtNanos = it.time.nanoTime();
    // The leader's clock had gone on since it stamped the last entry that is applied here.
    it.confirmedClusterTimeMillis = it.coordinator.view().clusterTimeMillis() + 800;
    assertEquals(4_200, it.coordinator.local().safeForMillis(5_000));
    it.time.pass(1_500);
    assertEquals(2_700, it.coordinator.local().safeForMillis(5_000));
    it.time.pass(9_000);
    assertEquals(0, it.coordinator.local().safeForMillis(5_000));
  }

  @Test
  void aLaterStampOfTheStateMakesItNoLonger() {
    it.applyElsewhere(CoordinatorFixture.put("a"));
    it.confirmedAtNanos = it.time.nanoTime();
    it.confirmedClusterTimeMillis = it.coordinator.view().clusterTimeMillis();
    assertEquals(5_000, it.coordinator.local().safeForMillis(5_000));
    // An entry that was stamped 2 s after that moment, and found 3 s left.
    it.clusterTimeMillis += 2_000;
    it.applyElsewhere(CoordinatorFixture.put("a"));
    assertEquals(5_000, it.coordinator.local().safeForMillis(3_000));
  }

  @Test
  void anAgeIsRoundedUp() {
    it.confirmedAtNanos = it.time.nanoTime() - 1_000_001;
    assertEquals(2, it.coordinator.local().ageMillis());
    assertFalse(it.coordinator.local().within(1));
  }

  @Test
  void aRevisionThatIsThereIsReachedAtOnceAndNobodyIsAsked() {
    it.leader = null;
    assertEquals(1, reach(1, 1_000).current);
    assertEquals(0, it.reads.size());
  }

  @Test
  void waitersAreServedAsTheirRevisionsCome() {
    List<ReadAnswers> waiting = new ArrayList<>();
    for (long revision : new long[] {4, 2, 3, 2, 9}) {
      waiting.add(reach(revision, 5_000));
    }
    assertEquals(5, it.coordinator.figures().reads());
    it.applyElsewhere(CoordinatorFixture.put("a"));
    assertEquals(List.of(0, 1, 0, 1, 0), waiting.stream().map(each -> each.current).toList());
    it.applyElsewhere(CoordinatorFixture.put("b"));
    it.applyElsewhere(CoordinatorFixture.put("c"));
    assertEquals(List.of(1, 1, 1, 1, 0), waiting.stream().map(each -> each.current).toList());
    assertEquals(1, it.coordinator.figures().reads());
  }

  @Test
  void atTheDeadlineARevisionIsNotReachedAndLaterIsTooLate() {
    ReadAnswers waiting = reach(2, 500);
    it.time.pass(600);
    assertEquals(List.of(Refusal.NOT_REACHED), waiting.refused);
    it.applyElsewhere(CoordinatorFixture.put("a"));
    assertEquals(0, waiting.current);
    assertEquals(0, it.coordinator.figures().reads());
  }

  @Test
  void tooManyWaitersAreRefused() {
    CoordinatorOptions small =
        new CoordinatorOptions(16, 1 << 20, 2, 100, 20, 1_000, 50, 100, 500, 1_000, 250);
    CoordinatorFixture full = new CoordinatorFixture(small, 0);
    ReadAnswers[] answers = {new ReadAnswers(), new ReadAnswers(), new ReadAnswers()};
    for (ReadAnswers each : answers) {
      full.coordinator.reach(2, full.time.in(5_000), each);
    }
    assertEquals(List.of(Refusal.OVERLOADED), answers[2].refused);
    full.applyElsewhere(CoordinatorFixture.put("a"));
    assertEquals(1, answers[0].current);
    assertEquals(1, answers[1].current);
  }

  @Test
  void aNodeThatStopsRefusesItsWaiters() {
    ReadAnswers before = reach(2, 5_000);
    it.coordinator.beginShutdown();
    assertEquals(List.of(Refusal.SHUTTING_DOWN), before.refused);
    assertEquals(List.of(Refusal.SHUTTING_DOWN), reach(1, 5_000).refused);
    assertEquals(0, it.coordinator.figures().reads());
  }
}
