package io.lockstep.raft.sim.check;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.raft.sim.check.LockSafety.Grant;
import io.lockstep.raft.sim.check.LockSafety.GuardedWrite;
import io.lockstep.raft.sim.check.WatchCompleteness.Frame;
import io.lockstep.raft.sim.check.WatchCompleteness.Watcher;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each checker accepts what the contract allows and names what it does not. */
class CheckersTest {
  private static final List<Frame> CHANGES =
      List.of(
          new Frame(2, List.of("a=1")),
          new Frame(3, List.of("a=2", "b=1")),
          new Frame(5, List.of("b=2")),
          new Frame(6, List.of("a=3")));

  private static void watch(long from, long completeUpTo, Frame... frames) {
    new WatchCompleteness(CHANGES)
        .check(new Watcher("w", from, c -> c.startsWith("a"), List.of(frames), completeUpTo));
  }

  @Test
  void aWatcherSeesEveryMatchingChangeOnceAndInOrder() {
    Frame two = new Frame(2, List.of("a=1"));
    Frame three = new Frame(3, List.of("a=2"));
    Frame six = new Frame(6, List.of("a=3"));
    assertDoesNotThrow(() -> watch(2, 6, two, three, six));
    assertDoesNotThrow(() -> watch(3, 5, three));
    assertDoesNotThrow(() -> watch(2, 0, two));
    assertDoesNotThrow(() -> watch(2, 1), "told of nothing yet");
    assertThrows(Violation.class, () -> watch(2, 6, two, six), "a gap");
    assertThrows(Violation.class, () -> watch(2, 6, two, three), "a mark that promised too much");
    assertThrows(Violation.class, () -> watch(2, 3, two, two, three), "a repeat");
    assertThrows(Violation.class, () -> watch(2, 3, three, two), "out of order");
    assertThrows(Violation.class, () -> watch(3, 3, two, three), "before what was asked for");
    Frame forged = new Frame(4, List.of("a=9"));
    assertThrows(Violation.class, () -> watch(2, 4, two, three, forged), "never happened");
    Frame torn = new Frame(3, List.of());
    assertThrows(Violation.class, () -> watch(2, 3, two, torn), "half a revision");
  }

  private static void locks(Grant... grants) {
    LockSafety safety = new LockSafety();
    List.of(grants).forEach(safety::granted);
    safety.check();
  }

  @Test
  void grantsHaveRisingTokensAndDoNotOverlap() {
    Grant first = new Grant("l", 5, "x", 0, 10, 100);
    assertDoesNotThrow(() -> locks(first, new Grant("l", 9, "y", 20, 110, 200)));
    assertDoesNotThrow(() -> locks(first, new Grant("other", 9, "y", 20, 50, 200)));
    assertThrows(Violation.class, () -> locks(first, new Grant("l", 9, "y", 20, 50, 200)));
    assertThrows(Violation.class, () -> locks(first, new Grant("l", 4, "y", 110, 120, 200)));
    assertThrows(Violation.class, () -> locks(first, new Grant("l", 5, "y", 110, 120, 200)));
  }

  @Test
  void thoseWhoShareALockOverlapEachOtherOnly() {
    Grant reader = new Grant("l", 5, "x", 0, 10, 100, true);
    Grant writer = new Grant("l", 9, "y", 20, 50, 60);
    assertDoesNotThrow(() -> locks(reader, new Grant("l", 9, "y", 20, 50, 200, true)));
    assertDoesNotThrow(() -> locks(reader, new Grant("l", 5, "y", 0, 50, 200, true)));
    assertThrows(Violation.class, () -> locks(reader, writer));
    assertThrows(Violation.class, () -> locks(writer, new Grant("l", 11, "z", 20, 55, 99, true)));
    assertThrows(
        Violation.class,
        () -> locks(reader, new Grant("l", 7, "z", 5, 20, 30, true), writer),
        "the one that lasts longest counts");
  }

  @Test
  void aWriteUnderAnOutdatedTokenIsFound() {
    LockSafety safety = new LockSafety();
    safety.wrote(new GuardedWrite("l", 5, 6));
    safety.wrote(new GuardedWrite("l", 9, 11));
    assertDoesNotThrow(safety::check);
    safety.wrote(new GuardedWrite("l", 5, 12));
    assertThrows(Violation.class, safety::check);
  }

  @Test
  void mutationsTakeEffectAsTheirAnswersSay() {
    ExactlyOnce lost = new ExactlyOnce();
    lost.applied("m", "rev 4");
    assertEquals("no acknowledged write is lost", property(lost));
    ExactlyOnce refused = new ExactlyOnce();
    refused.refused("m");
    refused.effect("m", 4);
    assertEquals("what is refused has no effect", property(refused));
    ExactlyOnce twice = new ExactlyOnce();
    twice.effect("m", 4);
    twice.effect("m", 5);
    assertEquals("exactly once", property(twice));
    ExactlyOnce answers = new ExactlyOnce();
    answers.effect("m", 4);
    answers.applied("m", "rev 4");
    answers.applied("m", "rev 5");
    assertEquals("a retry gets the first answer", property(answers));
    ExactlyOnce fine = new ExactlyOnce();
    fine.applied("m", "rev 4");
    fine.applied("m", "rev 4");
    fine.effect("m", 4);
    fine.refused("n");
    fine.effect("unknown", 7);
    assertDoesNotThrow(fine::check);
  }

  private static String property(ExactlyOnce broken) {
    return assertThrows(Violation.class, broken::check).property();
  }
}
