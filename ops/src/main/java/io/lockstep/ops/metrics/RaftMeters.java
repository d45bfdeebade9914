package io.lockstep.ops.metrics;

import io.lockstep.raft.Checkpoint;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.StateAgreement;
import io.lockstep.raft.node.NodeFigures;
import io.lockstep.raft.node.NodeFigures.Snapshots;
import io.lockstep.raft.storage.LogStore.Room;
import java.util.function.Supplier;

/** The meters of the consensus core and its driver. */
public final class RaftMeters {
  private RaftMeters() {}

  /** Registers them; the suppliers are asked at each scrape, on the scraper's thread. */
  public static void bind(
      NodeMetrics metrics,
      Supplier<RaftStatus> status,
      Supplier<NodeFigures> figures,
      Supplier<Room> room) {
    core(metrics, status);
    states(metrics, () -> status.get().state());
    driver(metrics, figures);
    snapshots(metrics, figures);
    metrics.gauge(
        "lockstep.log.room", "0 ample, 1 only the reserve, 2 none", room, RaftMeters::roomCode);
  }

  private static void core(NodeMetrics metrics, Supplier<RaftStatus> status) {
    metrics.gauge("lockstep.raft.term", "The term this node is in", status, RaftStatus::term);
    metrics.gauge(
        "lockstep.raft.role",
        "0 follower, 1 pre-candidate, 2 candidate, 3 leader",
        status,
        s -> roleCode(s.role()));
    metrics.gauge(
        "lockstep.raft.has.leader",
        "1 while a leader is known",
        status,
        s -> s.leader() == null ? 0 : 1);
    metrics.gauge(
        "lockstep.raft.first.index",
        "Index of the first entry that is kept",
        status,
        RaftStatus::firstIndex);
    metrics.gauge(
        "lockstep.raft.last.index", "Index of the last entry", status, s -> s.lastLog().index());
    metrics.gauge(
        "lockstep.raft.flushed.index",
        "Entries that are durable here",
        status,
        RaftStatus::flushedIndex);
    metrics.gauge(
        "lockstep.raft.commit.index",
        "Entries known to be committed",
        status,
        RaftStatus::commitIndex);
    metrics.gauge(
        "lockstep.raft.applied.index", "Entries applied here", status, RaftStatus::appliedIndex);
    metrics.gauge(
        "lockstep.raft.cluster.time.seconds",
        "Cluster time, which leases count by",
        status,
        s -> s.clusterTimeMillis() / 1e3);
    metrics.gauge(
        "lockstep.raft.repairing",
        "1 while entries that this node's disk has lost are not replaced",
        status,
        s -> s.repairing() ? 1 : 0);
    metrics.counter(
        "lockstep.raft.leader.changes",
        "Changes of the known leader",
        status,
        RaftStatus::leaderChanges);
    metrics.counter(
        "lockstep.raft.read.rounds",
        "Read rounds confirmed as leader",
        status,
        RaftStatus::readRounds);
    metrics.counter(
        "lockstep.raft.lease.reads",
        "Reads that its lease answered as leader; those that wait together are one",
        status,
        RaftStatus::leaseReads);
  }

  private static void states(NodeMetrics metrics, Supplier<StateAgreement> state) {
    metrics.gauge(
        "lockstep.state.agreement",
        "This node's state beside the others': 0 agreed, 1 undecided, 2 diverged",
        state,
        s -> agreementCode(s.verdict()));
    metrics.gauge(
        "lockstep.state.compared.index",
        "The last index at which it was compared",
        state,
        s -> {
          Checkpoint own = s.own();
          return own == null ? 0 : own.index();
        });
    metrics.counter(
        "lockstep.state.compared", "How often it was compared", state, StateAgreement::compared);
    metrics.gauge(
        "lockstep.state.members.diverged",
        "Other members whose state is known to be wrong, as the leader knows it",
        state,
        StateAgreement::membersDiverged);
  }

  private static int agreementCode(StateAgreement.Verdict verdict) {
    return switch (verdict) {
      case AGREED -> 0;
      case UNDECIDED -> 1;
      case DIVERGED -> 2;
    };
  }

  private static void driver(NodeMetrics metrics, Supplier<NodeFigures> figures) {
    metrics.gauge(
        "lockstep.proposals.inflight",
        "Proposals without an answer",
        figures,
        NodeFigures::proposalsInflight);
    metrics.gauge(
        "lockstep.proposals.queued",
        "Proposals that wait for the core",
        figures,
        NodeFigures::proposalsQueued);
    metrics.counter(
        "lockstep.proposals.refused",
        "Proposals refused by a full queue",
        figures,
        NodeFigures::proposalsRefused);
    metrics.gauge(
        "lockstep.reads.inflight", "Reads without an answer", figures, NodeFigures::readsInflight);
    metrics.counter(
        "lockstep.reads.refused",
        "Reads refused by a full queue",
        figures,
        NodeFigures::readsRefused);
    metrics.gauge(
        "lockstep.messages.queued",
        "Messages not yet taken in",
        figures,
        NodeFigures::messagesQueued);
    metrics.counter(
        "lockstep.messages.dropped",
        "Messages dropped by a full queue",
        figures,
        NodeFigures::messagesDropped);
    metrics.gauge(
        "lockstep.log.queued",
        "Operations that wait for the log thread",
        figures,
        NodeFigures::logOperationsQueued);
    metrics.gauge(
        "lockstep.log.pending.bytes",
        "Bytes not yet durable",
        figures,
        NodeFigures::logBytesPending);
    metrics.counter(
        "lockstep.apply.entries", "Entries applied", figures, NodeFigures::appliedEntries);
    metrics.gauge(
        "lockstep.apply.queued",
        "Batches that wait for the applier",
        figures,
        NodeFigures::batchesToApply);
  }

  private static void snapshots(NodeMetrics metrics, Supplier<NodeFigures> figures) {
    Supplier<Snapshots> snapshots = () -> figures.get().snapshots();
    metrics.gauge(
        "lockstep.snapshot.index",
        "What the newest snapshot stands for",
        snapshots,
        Snapshots::lastIndex);
    metrics.gauge(
        "lockstep.snapshot.bytes",
        "State in the last snapshot that this node took",
        snapshots,
        Snapshots::lastBytes);
    metrics.counter(
        "lockstep.snapshot.failed",
        "Snapshots not taken for lack of room",
        snapshots,
        Snapshots::failed);
    metrics.counter(
        "lockstep.snapshot.sent", "Snapshots that other members got", snapshots, Snapshots::sent);
    metrics.counter(
        "lockstep.snapshot.not.sent",
        "Snapshots that did not get through to other members",
        snapshots,
        Snapshots::notSent);
    metrics.counter(
        "lockstep.snapshot.installed",
        "Snapshots installed from a leader",
        snapshots,
        Snapshots::installed);
    metrics.gauge(
        "lockstep.log.segments", "Pieces that the log lies in", figures, NodeFigures::logSegments);
  }

  private static int roleCode(RaftStatus.RoleName role) {
    return switch (role) {
      case FOLLOWER -> 0;
      case PRE_CANDIDATE -> 1;
      case CANDIDATE -> 2;
      case LEADER -> 3;
    };
  }

  private static int roomCode(Room room) {
    return switch (room) {
      case AMPLE -> 0;
      case RESERVE -> 1;
      case NONE -> 2;
    };
  }
}
