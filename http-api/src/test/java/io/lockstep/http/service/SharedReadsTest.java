package io.lockstep.http.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.service.CoordinatorFixture.ReadAnswers;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.node.ReadCompletion;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Linearizable reads: shared rounds, and never a round that began before the read. */
class SharedReadsTest {
  private final CoordinatorFixture it = new CoordinatorFixture();

  @Test
  void readsThatComeDuringARoundShareTheNextOne() {
    ReadAnswers first = it.read(5_000);
    List<ReadAnswers> later = List.of(it.read(5_000), it.read(5_000), it.read(5_000));
    assertEquals(1, it.reads.size(), "one round is under way");
    it.reads.get(0).current(1);
    assertEquals(1, first.current);
    for (ReadAnswers answers : later) {
      assertEquals(0, answers.current, "the first round began before it came");
    }
    assertEquals(2, it.reads.size(), "one round for all that waited");
    it.reads.get(1).current(1);
    for (ReadAnswers answers : later) {
      assertEquals(1, answers.current);
    }
    assertEquals(0, it.coordinator.figures().reads());
  }

  @Test
  void aFailedRoundIsFollowedByANewOne() {
    ReadAnswers answers = it.read(5_000);
    it.reads.get(0).failed(new Outcome.NotLeader(null));
    assertEquals(1, it.reads.size(), "not at once");
    it.time.pass(100);
    assertEquals(2, it.reads.size());
    it.reads.get(1).current(3);
    assertEquals(1, answers.current);
    assertTrue(answers.refused.isEmpty());
  }

  @Test
  void aSilentRoundIsGivenUpAndItsLateEndConfirmsNobodyElse() {
    ReadAnswers early = it.read(10_000);
    it.time.pass(1_100);
    assertEquals(2, it.reads.size(), "another round for the same reader");
    ReadAnswers late = it.read(10_000);
    it.reads.get(0).current(1);
    assertEquals(0, late.current, "that round began long before");
    it.reads.get(1).current(1);
    assertEquals(1, early.current);
    assertEquals(0, late.current, "that one too");
    it.reads.get(2).current(1);
    assertEquals(1, late.current);
  }

  @Test
  void atTheDeadlineAReadIsNotConfirmed() {
    ReadAnswers short1 = it.read(500);
    ReadAnswers short2 = it.read(600);
    ReadAnswers patient = it.read(9_000);
    it.time.pass(700);
    assertEquals(List.of(Refusal.NOT_CONFIRMED), short1.refused);
    assertEquals(List.of(Refusal.NOT_CONFIRMED), short2.refused);
    it.leader = null;
    it.time.pass(9_000);
    assertEquals(List.of(Refusal.NO_LEADER), patient.refused);
    for (ReadCompletion round : List.copyOf(it.reads)) {
      round.current(5);
    }
    assertEquals(0, short1.current + short2.current + patient.current, "too late is too late");
    assertEquals(0, it.coordinator.figures().reads());
  }

  @Test
  void tooManyReadsAreRefused() {
    CoordinatorOptions small =
        new CoordinatorOptions(16, 1 << 20, 3, 100, 20, 1_000, 50, 100, 500, 1_000, 250);
    CoordinatorFixture full = new CoordinatorFixture(small, 0);
    for (int i = 0; i < 3; i++) {
      assertTrue(full.read(5_000).refused.isEmpty());
    }
    assertEquals(List.of(Refusal.OVERLOADED), full.read(5_000).refused);
    full.reads.get(0).current(1);
    assertTrue(full.read(5_000).refused.isEmpty());
  }
}
