package io.lockstep.raft.node;

import static io.lockstep.raft.node.NodeFixture.append;
import static io.lockstep.raft.node.NodeFixture.entries;
import static io.lockstep.raft.node.NodeFixture.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Effect;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Input;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.StateHash;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Queues, tickets and the order of effects, with a core that does as it is told. */
class RaftLoopTest {
  private final NodeFixture node = new NodeFixture();

  @Test
  void allThatWaitsIsProposedAtOnceAndInOrder() {
    node.start();
    node.propose("a");
    node.propose("b");
    node.propose("c");
    node.time.passMillis(1);
    List<Input.Propose> proposed = node.core.inputs(Input.Propose.class);
    assertEquals(1, proposed.size());
    assertEquals(
        List.of(Bytes.utf8("a"), Bytes.utf8("b"), Bytes.utf8("c")),
        proposed.getFirst().proposals().stream().map(Input.Proposal::command).toList());
  }

  @Test
  void aCommandIsAnsweredOnlyWhenItsEffectIsPublished() {
    node.start();
    node.propose("a");
    node.propose("b");
    node.time.passMillis(1);
    List<Input.Proposal> proposals = node.core.inputs(Input.Propose.class).getFirst().proposals();
    node.trace.clear();
    node.effects(
        committed(proposals.get(0), 2),
        committed(proposals.get(1), 3),
        new Effect.Apply(entries(1, 2, 1)),
        new Effect.Apply(entries(3, 4, 1)));
    assertEquals(
        List.of(
            "Received",
            "apply 1",
            "apply 2",
            "apply 3",
            "apply 4",
            "publish",
            "answer a applied 2 c2",
            "answer b applied 3 c3",
            "Applied"),
        node.trace);
    assertEquals(List.of(new Input.Applied(4, 77)), node.core.inputs(Input.Applied.class));
    assertEquals(0, node.node.figures().proposalsInflight());
    assertEquals(4, node.node.figures().appliedEntries());
    assertEquals(1, node.node.figures().publishes());
  }

  @Test
  void effectsOfOneTurnKeepTheirOrderAndTheDiskWorksBesideTheNetwork() {
    node.start();
    node.effects(
        append(1, 1, 1), new Effect.Send(NodeFixture.PEER, new Message.Heartbeat(1, 0, 0)));
    assertEquals(
        List.of("Received", "send Heartbeat", "append 1+1", "force", "LogFlushed"), node.trace);
  }

  @Test
  void aHoleInWhatIsAppliedEndsTheNode() {
    node.start();
    node.effects(new Effect.Apply(List.of(entry(2, 1))));
    assertEquals(1, node.fatal.size(), node.fatal.toString());
    assertEquals(List.of(), node.core.inputs(Input.Applied.class));
  }

  @Test
  void eachProposalIsAnsweredOnceAlsoWhenOfficeIsLost() {
    node.start();
    node.propose("a");
    node.propose("b");
    node.propose("c");
    node.time.passMillis(1);
    List<Input.Proposal> proposals = node.core.inputs(Input.Propose.class).getFirst().proposals();
    NodeId other = new NodeId("n3");
    node.effects(
        new Effect.Complete(proposals.get(1).ticket(), new Outcome.NotLeader(other)),
        new Effect.Complete(proposals.get(0).ticket(), new Outcome.Unknown()),
        new Effect.Complete(proposals.get(2).ticket(), new Outcome.Overloaded()));
    node.effects(new Effect.Apply(entries(1, 9, 1)));
    assertEquals(List.of("b NotLeader[leader=n3]", "a Unknown[]", "c Overloaded[]"), node.answers);
  }

  @Test
  void aTicketCompletedTwiceEndsTheNode() {
    node.start();
    node.propose("a");
    node.time.passMillis(1);
    long ticket = node.core.inputs(Input.Propose.class).getFirst().proposals().getFirst().ticket();
    Effect complete = new Effect.Complete(ticket, new Outcome.Unknown());
    node.effects(complete, complete);
    assertEquals(List.of("a Unknown[]"), node.answers);
    assertEquals(1, node.fatal.size());
  }

  @Test
  void aCallerThatThrowsEndsTheNodeAndTheOthersLearnThatTheyDoNotKnow() {
    node.start();
    node.node.propose(Bytes.utf8("bad"), new Throwing());
    node.propose("b");
    node.propose("c");
    node.time.passMillis(1);
    List<Input.Proposal> proposals = node.core.inputs(Input.Propose.class).getFirst().proposals();
    node.effects(
        committed(proposals.get(0), 1),
        committed(proposals.get(1), 2),
        committed(proposals.get(2), 3),
        new Effect.Apply(entries(1, 2, 1)));
    assertEquals(List.of("applier: thrown by a caller"), node.fatal);
    assertEquals(List.of("b Unknown[]", "c Unknown[]"), node.answers.stream().sorted().toList());
    assertEquals(List.of(), node.core.inputs(Input.Applied.class));
  }

  private static final class Throwing implements Completion<String> {
    @Override
    public void applied(long index, String result, Timing timing) {
      throw new IllegalStateException("thrown by a caller");
    }

    @Override
    public void failed(Outcome outcome) {
      throw new AssertionError("answered a second time");
    }
  }

  @Test
  void aStateMachineThatThrowsEndsTheNodeAndNobodyIsTold() {
    node.stateMachine = new FailingAt(2);
    node.start();
    node.propose("a");
    node.propose("b");
    node.propose("c");
    node.time.passMillis(1);
    List<Input.Proposal> proposals = node.core.inputs(Input.Propose.class).getFirst().proposals();
    node.effects(
        committed(proposals.get(0), 1),
        committed(proposals.get(1), 2),
        committed(proposals.get(2), 3),
        new Effect.Apply(entries(1, 3, 1)));
    assertEquals(1, node.fatal.size());
    assertEquals(List.of("a Unknown[]", "b Unknown[]", "c Unknown[]"), node.answers);
  }

  private record FailingAt(long index) implements StateMachine<String> {
    @Override
    public String apply(Entry entry) {
      Invariant.check(entry.index() != index, "a bug");
      return "";
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

  @Test
  void whenTheDiskFailsWhatIsOnItsWayThroughTheApplierIsAcknowledgedNoMore() {
    node.options = NodeFixture.smallQueues();
    node.start();
    node.node.propose(Bytes.utf8("a"), new BreakingTheDisk());
    for (String name : List.of("b", "c", "d", "e", "f", "g")) {
      node.propose(name);
    }
    node.time.passMillis(1);
    List<Effect> effects = new ArrayList<>();
    for (Input.Proposal proposal : node.core.inputs(Input.Propose.class).getFirst().proposals()) {
      effects.add(committed(proposal, effects.size() / 2 + 1));
      effects.add(new Effect.Apply(entries(effects.size() / 2 + 1, effects.size() / 2 + 1, 1)));
    }
    node.effects(effects.toArray(Effect[]::new));
    assertEquals(List.of("log writer: EIO"), node.fatal);
    assertEquals("a applied 1", node.answers.getFirst());
    assertEquals(
        List.of("b", "c", "d", "e", "f", "g"),
        node.answers.stream()
            .filter(answer -> answer.endsWith(" Unknown[]"))
            .map(answer -> answer.substring(0, 1))
            .sorted()
            .toList());
    assertEquals(7, node.answers.size());
    assertFalse(node.trace.contains("apply 5"), "the next batch is not begun");
    assertEquals(0, node.node.figures().proposalsInflight());
  }

  @Test
  void whatWaitsForTheApplierWhenTheNodeFailsIsNotAcknowledged() {
    node.start();
    node.propose("a");
    node.time.passMillis(1);
    Input.Proposal a = node.core.inputs(Input.Propose.class).getFirst().proposals().getFirst();
    Effect again = new Effect.Complete(a.ticket(), new Outcome.Unknown());
    node.effects(committed(a, 1), new Effect.Apply(entries(1, 1, 1)), again);
    assertEquals(1, node.fatal.size());
    assertEquals(List.of("a Unknown[]"), node.answers);
    assertFalse(node.trace.contains("apply 1"));
  }

  private final class BreakingTheDisk implements Completion<String> {
    @Override
    public void applied(long index, String result, Timing timing) {
      node.answers.add("a applied " + index);
      node.log.failForce = new IOException("EIO");
      node.effectsNow(append(1, 1, 1));
      node.time.passMillis(2);
    }

    @Override
    public void failed(Outcome outcome) {
      node.answers.add("a answered twice");
    }
  }

  @Test
  void roomInTheQueuesComesBackWhenTheyAreDrained() {
    node.options = NodeFixture.smallQueues();
    node.start();
    for (int i = 0; i < 20; i++) {
      node.propose("x".repeat(600));
      node.node.receive(
          NodeFixture.PEER, new Message.Append(1, EntryId.NONE, entries(1, 15, 1), 0, 0));
      node.time.passMillis(1);
    }
    assertEquals(List.of(), node.answers);
    assertEquals(0, node.node.figures().messagesDropped());
    assertEquals(20, proposed());
    assertEquals(20, node.core.inputs(Input.Received.class).size());
  }

  @Test
  void messagesBeyondTheBytesThatMayWaitAreDropped() {
    node.options = NodeFixture.smallQueues();
    node.start();
    for (int i = 0; i < 3; i++) {
      node.node.receive(
          NodeFixture.PEER, new Message.Append(1, EntryId.NONE, entries(1, 15, 1), 0, 0));
    }
    node.node.receive(NodeFixture.PEER, new Message.Heartbeat(1, 0, 0));
    node.time.passMillis(1);
    assertEquals(2, node.core.inputs(Input.Received.class).size(), "an append, the heartbeat");
    assertEquals(2, node.node.figures().messagesDropped());
  }

  @Test
  void readersThatWaitShareATicket() {
    node.start();
    node.read("r1");
    node.read("r2");
    node.time.passMillis(1);
    node.read("r3");
    node.time.passMillis(1);
    List<Input.Read> reads = node.core.inputs(Input.Read.class);
    assertEquals(2, reads.size());
    assertEquals(3, node.node.figures().readsInflight());
    node.effects(
        new Effect.Complete(reads.get(1).ticket(), new Outcome.NotLeader(null)),
        new Effect.Complete(reads.get(0).ticket(), new Outcome.ReadAt(7)));
    assertEquals(
        List.of("r3 NotLeader[leader=null]", "r1 current 7", "r2 current 7"), node.answers);
    assertEquals(0, node.node.figures().readsInflight());
  }

  @Test
  void aReadThatIsSaidToBeUnknownEndsTheNode() {
    node.start();
    node.read("r");
    node.time.passMillis(1);
    long ticket = node.core.inputs(Input.Read.class).getFirst().ticket();
    node.effects(new Effect.Complete(ticket, new Outcome.Unknown()));
    assertEquals(1, node.fatal.size());
  }

  @Test
  void tooManyReadersAreRefused() {
    node.options = NodeFixture.smallQueues();
    node.start();
    for (int i = 0; i < 6; i++) {
      node.read("r" + i);
    }
    assertEquals(List.of("r5 Overloaded[]"), node.answers);
    node.time.passMillis(1);
    node.read("r6");
    assertEquals(2, node.node.figures().readsRefused(), "they count until they are answered");
    node.effects(new Effect.Complete(ticketOfRead(), new Outcome.ReadAt(1)));
    node.read("r7");
    assertEquals(2, node.node.figures().readsRefused());
  }

  private long ticketOfRead() {
    return node.core.inputs(Input.Read.class).getLast().ticket();
  }

  @Test
  void aFullProposalQueueRefusesByCount() {
    node.options = NodeFixture.smallQueues();
    node.start();
    for (int i = 0; i < 9; i++) {
      node.propose("p" + i);
    }
    assertEquals(List.of("p8 Overloaded[]"), node.answers);
    node.time.passMillis(1);
    assertEquals(8, node.core.inputs(Input.Propose.class).getFirst().proposals().size());
    assertEquals(1, node.node.figures().proposalsRefused());
    assertEquals(0, node.node.figures().proposalsQueued());
  }

  @Test
  void aFullProposalQueueRefusesByBytes() {
    node.options = NodeFixture.smallQueues();
    node.start();
    node.propose("x".repeat(600));
    node.propose("y".repeat(600));
    node.propose("z".repeat(400));
    assertEquals(List.of("y".repeat(600) + " Overloaded[]"), node.answers);
  }

  @Test
  void aLeaderThatDoesNotCommitTakesNoMoreAndItsQueueFillsAndGoesStale() {
    node.raftOptions = inflightMax(3);
    node.start();
    node.core.role = RoleName.LEADER;
    node.time.passMillis(20);
    for (int i = 0; i < 5; i++) {
      node.propose("p" + i);
    }
    node.time.passMillis(400);
    assertEquals(3, proposed());
    assertEquals(2, node.node.figures().proposalsQueued());
    assertEquals(List.of(), node.answers);

    node.time.passMillis(101);
    node.propose("late");
    assertEquals(List.of("late Overloaded[]"), node.answers);

    List<Input.Proposal> proposals = node.core.inputs(Input.Propose.class).getFirst().proposals();
    node.effects(committed(proposals.get(0), 1), new Effect.Apply(entries(1, 1, 1)));
    assertEquals(4, proposed(), "one has left, one moves up");
    assertEquals("p0 applied 1 c1", node.answers.getLast());
  }

  @Test
  void aFollowerSaysSoHoweverManyAreOpen() {
    node.raftOptions = inflightMax(3);
    node.start();
    for (int i = 0; i < 5; i++) {
      node.propose("p" + i);
    }
    node.time.passMillis(20);
    assertEquals(5, proposed());
  }

  private long proposed() {
    return node.core.inputs(Input.Propose.class).stream()
        .mapToLong(batch -> batch.proposals().size())
        .sum();
  }

  private static RaftOptions inflightMax(int proposals) {
    return new RaftOptions(
        100, 500, 1_000, 1 << 20, 64, 8 << 20, 64 << 20, 8 << 20, proposals, 1_000);
  }

  @Test
  void messagesBeyondTheBoundAreDroppedAndCounted() {
    node.options = NodeFixture.smallQueues();
    node.start();
    for (int i = 0; i < 10; i++) {
      node.node.receive(NodeFixture.PEER, new Message.HeartbeatReply(1, i));
    }
    node.time.passMillis(1);
    assertEquals(6, node.core.inputs(Input.Received.class).size());
    assertEquals(4, node.node.figures().messagesDropped());
  }

  @Test
  void whileTheLogIsBehindNoEntriesAreTakenInButHeartbeatsAre() {
    node.options = NodeFixture.smallQueues();
    node.log.capacity = 0;
    node.start();
    node.core.role = RoleName.LEADER;
    node.effects(append(1, 7, 1));
    assertTrue(node.node.figures().logBytesPending() > 300);
    int before = node.core.inputs.size();
    node.node.receive(
        NodeFixture.PEER, new Message.Append(1, EntryId.NONE, entries(1, 1, 1), 0, 0));
    node.node.receive(NodeFixture.PEER, new Message.Heartbeat(1, 0, 0));
    node.propose("a");
    node.time.passMillis(20);
    assertEquals(before + 1, node.core.inputs.size(), node.trace.toString());
    assertEquals(1, node.node.figures().messagesDropped());

    node.log.capacity = 100;
    node.time.passMillis(1_001);
    assertEquals(1, node.core.inputs(Input.Propose.class).size(), "it waited");
  }

  @Test
  void largeCommittedRunsArePublishedInParts() {
    node.options = NodeFixture.smallQueues();
    node.start();
    List<Effect> batches = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      batches.add(new Effect.Apply(entries(i, i, 1)));
    }
    node.effects(batches.toArray(Effect[]::new));
    assertEquals(3, node.node.figures().publishes(), "four, four and two entries");
    assertEquals(
        List.of(4L, 8L, 10L),
        node.core.inputs(Input.Applied.class).stream().map(Input.Applied::index).toList());
  }

  @Test
  void messagesThatWaitAreHeardBeforeTimeIsFoundToHavePassed() {
    node.start();
    List<String> order = new ArrayList<>();
    node.core.script =
        input -> {
          order.add(input.getClass().getSimpleName());
          return List.of();
        };
    node.core.ticks = order;
    node.time.pause(Duration.ofSeconds(5));
    node.node.receive(NodeFixture.PEER, new Message.Heartbeat(1, 0, 0));
    node.time.passMillis(20);
    assertEquals(List.of("Received", "Tick"), order.subList(0, 2));
  }

  @Test
  void aStoppedNodeAnswersAllThatIsOpenAndClosesItsLog() {
    node.start();
    node.propose("a");
    node.propose("b");
    node.read("r");
    node.time.passMillis(1);
    node.effects(
        committed(node.core.inputs(Input.Propose.class).getFirst().proposals().getFirst(), 1));
    List<String> stopped = new ArrayList<>();
    node.node.stop(() -> stopped.add("stopped"));
    node.time.passMillis(100);
    node.read("late");
    node.propose("late");
    node.node.receive(NodeFixture.PEER, new Message.Heartbeat(1, 0, 0));
    int inputs = node.core.inputs.size();
    node.time.passMillis(5_000);
    assertEquals(inputs, node.core.inputs.size(), "it takes no part");
    assertTrue(node.log.closed);
    assertEquals(List.of("stopped"), stopped);
    assertEquals(
        List.of(
            "a Unknown[]",
            "b Unknown[]",
            "r NotLeader[leader=null]",
            "late NotLeader[leader=null]",
            "late NotLeader[leader=null]"),
        node.answers);
    assertTrue(node.fatal.isEmpty());
  }

  @Test
  void whatArrivesBeforeRecoveryHasEndedWaits() {
    node.start();
    NodeFixture early = new NodeFixture();
    early.startOnly();
    early.propose("a");
    early.read("r");
    assertFalse(early.started());
    early.time.passMillis(5);
    assertTrue(early.started());
    assertEquals(1, early.core.inputs(Input.Propose.class).size());
    assertEquals(1, early.core.inputs(Input.Read.class).size());
  }

  @Test
  void onlyTheLatestWishToHandOverCounts() {
    node.start();
    node.node.transferLeadership(NodeFixture.PEER);
    node.node.transferLeadership(null);
    node.time.passMillis(1);
    assertEquals(
        List.of(new Input.TransferLeadership(null)),
        node.core.inputs(Input.TransferLeadership.class));
  }

  private static Effect committed(Input.Proposal proposal, long index) {
    return new Effect.Complete(proposal.ticket(), new Outcome.Committed(index));
  }
}
