package io.lockstep.raft.node;

import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.Contact;
import io.lockstep.raft.Effect;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Input;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.RaftCore;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.StateAgreement;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.LogStore.Room;
import io.lockstep.raft.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The owner of the core: one turn takes in what waits at the queues, carries out what the core asks
 * for, in order, and publishes the status once. The upper methods may be called from any thread;
 * all else runs on the raft loop, which never blocks and never touches the disk.
 *
 * <h2>The order within a turn</h2>
 *
 * First what the disk and the state machine have done, then messages, then time: after a pause of
 * the process the heartbeats that wait must be heard before a timeout is found to have passed. New
 * work comes last. The other loops are woken at the end of the turn, so that one force answers all
 * that the turn appended.
 */
final class RaftLoop<R> {
  private static final int MESSAGES_PER_TURN = 512;

  private final NodeParts<R> parts;
  private final Transport transport;
  private final NodeClock clock;
  private final Fatal fatal;
  private final LogWriter log;
  private final Applier<R> applier;
  private final SnapshotTransfers transfers;
  private final SnapshotCounters snapshotCounters = new SnapshotCounters();
  private final Wake wake;
  private final int openMax;
  private final long tickNanos;

  private final ProposalQueue<R> proposals;
  private final ReadQueue reads;
  private final Changes changes = new Changes();
  private final MessageQueue messages;
  private final Queue<Input> answers = new ConcurrentLinkedQueue<>();
  private final AtomicReference<Input.@Nullable TransferLeadership> transfer =
      new AtomicReference<>();
  private final Queue<NodeId> gone = new ConcurrentLinkedQueue<>();
  private volatile RaftStatus status;

  /** Published for figures. */
  private volatile int proposalsOpen;

  private final Tickets<R> tickets = new Tickets<>();
  private @Nullable RaftCore core;
  private Room room = Room.AMPLE;
  private boolean handoverDue;
  private boolean restoring;
  private boolean tickDue;
  private boolean closed;

  RaftLoop(NodeParts<R> parts, Fatal fatal) {
    this.parts = parts;
    this.transport = parts.transport();
    this.clock = parts.clock();
    this.fatal = fatal;
    this.wake = new Wake(parts.loops().raft(), this::turn);
    this.log = new LogWriter(parts, fatal, this::answer, wake::up);
    SnapshotTaker taker = new SnapshotTaker(parts, fatal, log, snapshotCounters, this::answer);
    this.applier = new Applier<>(parts, fatal, taker, snapshotCounters, this::answer);
    this.transfers =
        new SnapshotTransfers(
            parts, fatal, this::status, snapshotCounters, taker::want, this::answer);
    this.openMax = parts.raftOptions().proposalsInflightMax();
    this.tickNanos = TimeUnit.MILLISECONDS.toNanos(parts.nodeOptions().tickMillis());
    this.proposals = new ProposalQueue<>(parts.nodeOptions());
    this.reads = new ReadQueue(parts.nodeOptions());
    this.messages = new MessageQueue(parts.nodeOptions());
    this.status = beforeStart(parts.self(), parts.membership());
  }

  private static RaftStatus beforeStart(NodeId self, Membership membership) {
    return new RaftStatus(
        self,
        RaftStatus.RoleName.FOLLOWER,
        0,
        null,
        1,
        EntryId.NONE,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        RaftStatus.NEVER,
        0,
        membership,
        false,
        StateAgreement.UNCOMPARED);
  }

  void propose(Bytes command, Completion<R> completion) {
    if (proposals.offer(command, completion, clock.nanoTime())) {
      wake.up();
    } else {
      completion.failed(new Outcome.Overloaded());
    }
  }

  void read(ReadCompletion completion) {
    if (reads.offer(completion)) {
      wake.up();
    } else {
      completion.failed(new Outcome.Overloaded());
    }
  }

  void receive(NodeId from, Message message) {
    if (messages.offer(new Input.Received(from, message))) {
      wake.up();
    }
  }

  /** Repeated hints about one peer that wait are one. */
  void peerGone(NodeId peer) {
    if (!gone.contains(peer)) {
      gone.add(peer);
    }
    wake.up();
  }

  void changeMembership(MembershipChange change, List<Contact> known, ChangeCompletion completion) {
    if (changes.offer(change, known, completion)) {
      wake.up();
    } else {
      completion.answered(new ChangeOutcome.Overloaded());
    }
  }

  /** Only the latest of several wishes that wait is kept. */
  void transferLeadership(@Nullable NodeId to) {
    transfer.set(new Input.TransferLeadership(to));
    wake.up();
  }

  /** Takes what the log loop and the apply loop have done; the core bounds how much that can be. */
  private void answer(Input done) {
    answers.add(done);
    wake.up();
  }

  /** After a failure: each loop answers the callers that it holds. */
  void giveUp() {
    wake.up();
    applier.wakeUp();
  }

  RaftStatus status() {
    return status;
  }

  LogWriter log() {
    return log;
  }

  Applier<R> applier() {
    return applier;
  }

  SnapshotTransfers transfers() {
    return transfers;
  }

  NodeFigures figures() {
    return new NodeFigures(
        log.forces(),
        log.forceNanos(),
        log.forcedEntries(),
        applier.appliedEntries(),
        applier.publishes(),
        proposals.size(),
        proposalsOpen + applier.unanswered(),
        proposals.refused(),
        reads.inflight(),
        reads.refused(),
        messages.size(),
        messages.dropped(),
        log.queued(),
        log.bytesPending(),
        applier.queued(),
        log.segments(),
        snapshotCounters.figures());
  }

  /** Begins to take part; on the raft loop. */
  void begin(Recovery recovery) {
    if (closed) {
      return;
    }
    core =
        parts
            .core()
            .create(
                parts.self(),
                parts.membership(),
                parts.raftOptions(),
                recovery.hardState(),
                recovery.log(),
                parts.startNumber(),
                parts.seed(),
                clock.nanoTime());
    tick();
  }

  /** Ends taking part: all that is open is answered, and what comes later is refused. */
  void close() {
    closed = true;
    reads.answered(tickets.closeAll());
    changes.closeAll();
    turn();
  }

  private void tick() {
    if (closed || fatal.fired()) {
      return;
    }
    tickDue = true;
    turn();
    parts.loops().raft().executeAfter(tickNanos, this::tick);
  }

  private void turn() {
    if (closed || fatal.fired()) {
      refuseAll();
      return;
    }
    RaftCore started = core;
    if (started == null) {
      return;
    }
    try {
      drain(started);
      log.wakeUp();
      applier.wakeUp();
      publish(started.status());
    } catch (Throwable failure) {
      fatal.fail("raft loop", failure);
      refuseAll();
    }
  }

  private void drain(RaftCore started) {
    Input done;
    while ((done = answers.poll()) != null) {
      step(started, done);
    }
    takeMessages(started);
    NodeId peer;
    while ((peer = gone.poll()) != null) {
      step(started, new Input.PeerGone(peer));
    }
    if (tickDue) {
      tickDue = false;
      step(started, new Input.Tick());
    }
    Input wish = transfer.getAndSet(null);
    if (wish != null) {
      step(started, wish);
    }
    takeChanges(started);
    lookAtRoom(started);
    takeReads(started);
    takeProposals(started);
  }

  private void takeMessages(RaftCore started) {
    Input.Received received;
    for (int i = 0; i < MESSAGES_PER_TURN; i++) {
      received = messages.poll();
      if (received == null) {
        return;
      }
      if (logIsBehind() && MessageQueue.weightBytes(received.message()) > 0) {
        messages.drop();
      } else {
        step(started, received);
      }
    }
    wake.up();
  }

  private boolean logIsBehind() {
    return log.bytesPending() > parts.nodeOptions().logBacklogBytesMax();
  }

  /**
   * Hands over once for each change to less room, so that nodes without room do not go on for ever.
   */
  private void lookAtRoom(RaftCore started) {
    Room now = log.room();
    if (now != room) {
      handoverDue = now.compareTo(room) > 0;
      room = now;
    }
    if (handoverDue && status.isLeader()) {
      handoverDue = false;
      step(started, new Input.TransferLeadership(null));
    }
  }

  private void takeChanges(RaftCore started) {
    Input change;
    while ((change = changes.take()) != null) {
      step(started, change);
    }
  }

  private void takeReads(RaftCore started) {
    List<ReadCompletion> readers = reads.takeAll();
    if (!readers.isEmpty()) {
      step(started, new Input.Read(tickets.openRead(readers)));
    }
  }

  private void takeProposals(RaftCore started) {
    int most = status.isLeader() ? mostProposals() : Integer.MAX_VALUE;
    OpenProposal<R> next;
    List<Input.Proposal> batch = new ArrayList<>();
    long now = 0;
    while (batch.size() < most && (next = proposals.poll()) != null) {
      now = batch.isEmpty() ? clock.nanoTime() : now;
      next.proposed(now);
      batch.add(new Input.Proposal(tickets.openProposal(next), next.command()));
    }
    if (!batch.isEmpty()) {
      step(started, new Input.Propose(batch), now);
    }
  }

  /**
   * For proposals to a leader: those that would exceed what the core, the log or the applier can
   * take wait in their queue.
   */
  private int mostProposals() {
    int unfinished = tickets.openProposals() + tickets.committedProposals() + applier.unanswered();
    return logIsBehind()
        ? 0
        : Math.min(openMax - tickets.openProposals(), 2 * openMax - unfinished);
  }

  private void step(RaftCore started, Input input) {
    step(started, input, clock.nanoTime());
  }

  private void step(RaftCore started, Input input, long nowNanos) {
    // A flush of an earlier term speaks of entries that may have been superseded since.
    if (input instanceof Input.LogFlushed(long leaderTerm, EntryId upTo)
        && leaderTerm == status.term()) {
      tickets.flushed(upTo.index(), nowNanos);
    }
    for (Effect effect : started.step(nowNanos, input)) {
      perform(effect, nowNanos);
    }
    if (input instanceof Input.SnapshotReceived && !restoring
        || input instanceof Input.SnapshotRestored) {
      restoring = false;
      transfers.release();
    }
  }

  private void perform(Effect effect, long nowNanos) {
    switch (effect) {
      case Effect.SaveHardState save -> log.add(new LogOperation.Save(save.hardState()));
      case Effect.TruncateLog truncate -> log.add(new LogOperation.Truncate(truncate.fromIndex()));
      case Effect.AppendLog append ->
          log.add(LogOperation.Append.of(append.leaderTerm(), append.entries()));
      case Effect.ReadLog read ->
          log.add(new LogOperation.Read(read.from(), read.toExclusive(), read.bytesMax()));
      case Effect.CompactLog compact -> log.add(new LogOperation.Compact(compact.firstKept()));
      case Effect.EndRepair _ -> log.add(new LogOperation.EndRepair());
      case Effect.RestoreSnapshot restore -> restore(restore.meta(), restore.keepsLog());
      case Effect.SendSnapshot send ->
          parts.loops().bulk().execute(() -> transfers.send(send.to(), send.term()));
      case Effect.Send send -> transport.send(send.to(), send.message());
      case Effect.Apply apply ->
          applier.add(
              apply.entries(),
              tickets.takeCommitted(apply.entries().getFirst().index(), apply.entries().size()));
      case Effect.MembershipChanged(EntryId since, Membership membership, List<NodeId> others) -> {
        transport.members(since, membership, others);
        parts.listener().membershipChanged(membership);
      }
      case Effect.StateDiverged diverged ->
          parts.listener().stateDiverged(diverged.own(), diverged.majoritys());
      case Effect.ChangeAnswered answered ->
          changes.answered(answered.ticket(), answered.outcome());
      case Effect.Complete complete ->
          reads.answered(tickets.complete(complete.ticket(), complete.outcome(), nowNanos));
    }
  }

  private void restore(SnapshotMeta meta, boolean keepsLog) {
    restoring = true;
    tickets.skipCommitted(meta.last().index());
    log.add(new LogOperation.Restore(meta, keepsLog, false, () -> applier.restore(meta)));
  }

  private void publish(RaftStatus now) {
    RaftStatus before = status;
    status = now;
    applier.trust(now.state().serves());
    proposalsOpen = tickets.openProposals() + tickets.committedProposals();
    boolean changed =
        now.role() != before.role()
            || now.term() != before.term()
            || !Objects.equals(now.leader(), before.leader());
    if (changed) {
      parts.listener().roleChanged(before, now);
    }
  }

  private void refuseAll() {
    answers.clear();
    changes.closeAll();
    reads.answered(tickets.closeAll());
    List<ReadCompletion> readers = reads.takeAll();
    readers.forEach(reader -> reader.failed(new Outcome.NotLeader(null)));
    reads.answered(readers.size());
    OpenProposal<R> next;
    while ((next = proposals.poll()) != null) {
      next.failed(new Outcome.NotLeader(null));
    }
    while (messages.poll() != null) {
      messages.drop();
    }
  }
}
