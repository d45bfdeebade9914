package io.lockstep.raft.node;

import static io.lockstep.raft.node.NodeFixture.append;
import static io.lockstep.raft.node.NodeFixture.entries;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.raft.Effect;
import io.lockstep.raft.Entry;
import io.lockstep.raft.Input;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.StateHash;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Where the time of a command went, on virtual time; the log loop begins after a millisecond. */
class TimingTest {
  private final NodeFixture node = new NodeFixture();

  @Test
  void eachSpanEndsWhereTheNextBegins() {
    node.stateMachine = new TakingTwoMillis();
    node.start();
    node.propose("a");
    node.time.pause(Duration.ofMillis(3));
    proposed(append(1, 1, 1));
    node.time.passMillis(6);
    commit(0, 1);
    assertEquals(List.of(timing(3, 1, 6, 2)), node.timings);
  }

  @Test
  void theDiskIsNotWaitedForWhenAMajorityOfTheOthersWasFaster() {
    node.start();
    node.propose("a");
    proposed(append(1, 1, 1));
    commit(0, 1);
    node.time.passMillis(5);
    assertEquals(List.of(timing(0, Timing.NOT_FORCED, 0, 0)), node.timings);
  }

  @Test
  void aBatchThatIsForcedInPiecesHasAMomentForEach() {
    node.start();
    node.log.capacity = 1;
    node.propose("a");
    node.propose("b");
    proposed(append(1, 2, 1));
    node.time.passMillis(4);
    node.log.capacity = Integer.MAX_VALUE;
    node.time.passMillis(2_000);
    commit(0, 1);
    commit(1, 2);
    assertEquals(2, node.timings.size());
    assertEquals(millis(1), node.timings.get(0).forceNanos());
    assertEquals(millis(1_002), node.timings.get(1).forceNanos());
    assertEquals(millis(2_004), node.timings.get(1).replicateNanos());
  }

  @Test
  void oneForceMayCoverSeveralBatches() {
    node.start();
    node.propose("a");
    proposed(append(1, 1, 1));
    node.propose("b");
    proposed(append(2, 2, 1));
    node.time.passMillis(5);
    commit(0, 1);
    node.time.passMillis(5);
    commit(1, 2);
    assertEquals(List.of(timing(0, 1, 5, 0), timing(0, 1, 10, 0)), node.timings);
  }

  @Test
  void aFlushOfAnEarlierTermSaysNothingOfThisOne() {
    node.start();
    node.core.term = 2;
    node.effectsNow(append(1, 9, 1));
    node.propose("a");
    proposed();
    node.time.passMillis(5);
    commit(0, 1);
    assertEquals(List.of(timing(0, Timing.NOT_FORCED, 5, 0)), node.timings);
  }

  @Test
  void aFlushBeforeTheProposalSaysNothingOfIt() {
    node.start();
    node.propose("a");
    proposed(append(1, 9, 1));
    node.time.passMillis(5);
    node.effects(new Effect.Complete(ticket(0), new Outcome.Unknown()));
    node.propose("b");
    proposed();
    node.time.passMillis(5);
    commit(1, 1);
    assertEquals(List.of(timing(0, Timing.NOT_FORCED, 5, 0)), node.timings);
  }

  @Test
  void aWaitBeforeTheOfferCountsAsQueue() {
    assertEquals(timing(51, 2, 3, 4), timing(1, 2, 3, 4).afterWaiting(millis(50)));
    assertEquals(timing(1, 2, 3, 4), timing(1, 2, 3, 4).afterWaiting(-1));
  }

  @Test
  void noSpanIsNegative() {
    assertThrows(Invariant.Broken.class, () -> new Timing(-1, 0, 0, 0));
    assertThrows(Invariant.Broken.class, () -> new Timing(0, -2, 0, 0));
    assertThrows(Invariant.Broken.class, () -> new Timing(0, 0, -1, 0));
    assertThrows(Invariant.Broken.class, () -> new Timing(0, 0, 0, -1));
  }

  /** Lets the core take what was proposed; it asks for these effects. */
  private void proposed(Effect... effects) {
    node.core.script = input -> input instanceof Input.Propose ? List.of(effects) : List.of();
    node.time.passMillis(0);
    node.core.script = input -> List.of();
  }

  /** The proposal of this number, counted over all, is committed and applied at once. */
  private void commit(int number, long index) {
    Effect complete = new Effect.Complete(ticket(number), new Outcome.Committed(index));
    node.effectsNow(complete, new Effect.Apply(entries(index, index, 1)));
  }

  private long ticket(int number) {
    return node.core.inputs(Input.Propose.class).stream()
        .flatMap(propose -> propose.proposals().stream())
        .toList()
        .get(number)
        .ticket();
  }

  /** In milliseconds; what is negative is no span. */
  private static Timing timing(long queue, long force, long replicate, long apply) {
    return new Timing(
        millis(queue), force < 0 ? force : millis(force), millis(replicate), millis(apply));
  }

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private final class TakingTwoMillis implements StateMachine<String> {
    @Override
    public String apply(Entry entry) {
      node.time.pause(Duration.ofMillis(2));
      return "done";
    }

    @Override
    public long nextDueMillis() {
      return Long.MAX_VALUE;
    }

    @Override
    public void publish() {}

    @Override
    public StateHash hash() {
      return StateHash.of(1, 0);
    }

    @Override
    public StateSnapshot snapshot() {
      return sink -> sink.put(Bytes.utf8("nothing is remembered"));
    }

    @Override
    public void restore(ChunkSource chunks) throws IOException {
      while (chunks.next() != null) {
        // Nothing is remembered.
      }
    }
  }
}
