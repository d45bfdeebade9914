package io.lockstep.raft.sim;

import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.node.RaftNode;
import java.util.List;

/**
 * Switches lease reads on and off, and aims at what a lease rests on: the leader is cut off and
 * taken for dead, or stopped, while it has a lease or is about to get one; a voter that has just
 * answered it falls and comes back at once; leadership is handed over as the leader is cut off.
 */
final class LeaseNemesis<R> {
  private static final long MILLI = 1_000_000;

  private final SimCluster<R> cluster;
  private final Simulation simulation;
  private final Chance chance;
  private final boolean on;
  private boolean over;
  private int done;

  LeaseNemesis(SimCluster<R> cluster) {
    this.cluster = cluster;
    this.simulation = cluster.simulation();
    this.chance = Chance.of(cluster.settings().seed(), "lease nemesis");
    this.on = cluster.settings().plan().has(Fault.LEASE_READS);
  }

  /** What was done to leases so far. */
  int done() {
    return done;
  }

  void start() {
    if (on) {
      simulation.after(chance.between(50, 600) * MILLI, this::strike);
    }
  }

  void stop() {
    over = true;
  }

  private void strike() {
    if (over) {
      return;
    }
    SimNode<R> leader = cluster.leader();
    RaftNode<R> raft = leader == null ? null : leader.raft();
    if (leader != null && raft != null) {
      strike(leader, raft);
    }
    simulation.after(chance.delay(2 * timeoutMillis() * MILLI), this::strike);
  }

  private void strike(SimNode<R> leader, RaftNode<R> raft) {
    boolean leased = raft.status().membership().leaseReads();
    int kind = leased ? chance.below(16) : 0;
    simulation.trace().note(simulation.now(), leader.index(), "LEASE", kind, leased ? 1 : 0);
    done++;
    switch (kind) {
      case 0 -> {
        configure(leader, raft, !leased);
        if (chance.oneIn(2)) {
          simulation.after(chance.below(4 * MILLI), () -> mute(leader));
        }
      }
      case 1, 2, 3, 4 -> cutOff(leader);
      case 5, 6 -> {
        leader.pauseUntil(simulation.now() + duration());
        simulation.after(chance.below(40 * MILLI), () -> cutOff(leader));
      }
      case 7 -> handOver(leader, raft);
      case 8, 9 -> raft.transferLeadership(anyone());
      default -> fall(leader);
    }
  }

  private void configure(SimNode<R> at, RaftNode<R> raft, boolean leaseReads) {
    boolean[] answered = new boolean[1];
    raft.changeMembership(
        new MembershipChange.LeaseReads(leaseReads),
        List.of(),
        outcome -> {
          if (answered[0]) {
            cluster.fail("a change of the setting is answered once", "" + leaseReads);
          }
          answered[0] = true;
          if (cluster.node(at.index()).raft() == raft) {
            check(outcome, leaseReads);
          }
        });
  }

  private void check(ChangeOutcome outcome, boolean leaseReads) {
    if (outcome instanceof ChangeOutcome.Done done
        && done.membership().leaseReads() != leaseReads) {
      cluster.fail("a setting that is done is in force", "" + done);
    }
  }

  /** Its callers still reach it, its peers do not, or but for one; some of them think it dead. */
  private void cutOff(SimNode<R> leader) {
    if (over) {
      return;
    }
    int peers = cluster.nodes().size();
    int spared = chance.oneIn(3) ? chance.below(peers) : -1;
    long end = duration();
    for (int peer = 0; peer < peers; peer++) {
      if (peer != leader.index() && peer != spared) {
        part(leader.index(), peer, end);
        if (chance.oneIn(2)) {
          cluster.network().tellGone(peer, leader.index(), chance.below(20 * MILLI));
        }
      }
    }
  }

  /** It still hears its peers for a moment, while they lose it. */
  private void mute(SimNode<R> leader) {
    if (over) {
      return;
    }
    SimNetwork network = cluster.network();
    for (int peer = 0; peer < cluster.nodes().size(); peer++) {
      if (peer != leader.index()) {
        int deaf = peer;
        network.cut(leader.index(), deaf);
        simulation.after(duration(), () -> network.mend(leader.index(), deaf));
        network.tellGone(deaf, leader.index(), chance.below(20 * MILLI));
      }
    }
    simulation.after(chance.below(40 * MILLI), () -> cutOff(leader));
  }

  /** Otherwise those whose clocks are fast would lead nearly always. */
  private NodeId anyone() {
    return cluster.node(chance.below(cluster.nodes().size())).id();
  }

  private void handOver(SimNode<R> leader, RaftNode<R> raft) {
    raft.transferLeadership(null);
    simulation.after(chance.below(8 * MILLI), () -> cutOff(leader));
  }

  /**
   * Less than half of the voters lose the leader; as they try to elect another one, those that it
   * still has lose it too, fall, and are back in no time.
   */
  private void fall(SimNode<R> leader) {
    int peers = cluster.nodes().size();
    int first = chance.below(peers);
    int few = (peers - 1) / 2;
    long tried = chance.between(timeoutMillis(), 2 * timeoutMillis()) * MILLI;
    for (int i = 0; i < peers; i++) {
      int peer = (first + i) % peers;
      if (peer == leader.index()) {
        continue;
      }
      if (few-- > 0) {
        part(leader.index(), peer, tried + duration());
      } else {
        simulation.after(tried, () -> fall(leader.index(), cluster.node(peer)));
      }
    }
  }

  private void fall(int leader, SimNode<R> victim) {
    if (!over && victim.alive()) {
      part(leader, victim.index(), duration());
      victim.crash(false);
      simulation.after(chance.below(5 * MILLI), victim::start);
    }
  }

  private void part(int one, int other, long nanos) {
    SimNetwork network = cluster.network();
    network.cut(one, other);
    network.cut(other, one);
    simulation.after(
        nanos,
        () -> {
          network.mend(one, other);
          network.mend(other, one);
        });
  }

  private long timeoutMillis() {
    return cluster.settings().raftOptions().electionTimeoutMillisMin();
  }

  private long duration() {
    return chance.between(timeoutMillis() / 2, 3 * timeoutMillis()) * MILLI;
  }
}
