package io.lockstep.raft.sim;

import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.Contact;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.node.RaftNode;
import java.util.List;

/**
 * Asks for members to come, to become voters, to be replaced and to go, now and then at a leader
 * that is about to fall. Machines that were never members start empty; those that left stay up, and
 * may come back with what they have.
 */
final class MembershipNemesis<R> {
  private static final long GAP_NANOS = 250_000_000;

  private final SimCluster<R> cluster;
  private final Simulation simulation;
  private final Chance chance;
  private final boolean on;
  private boolean over;
  private int asked;
  private int done;

  MembershipNemesis(SimCluster<R> cluster) {
    this.cluster = cluster;
    this.simulation = cluster.simulation();
    this.chance = Chance.of(cluster.settings().seed(), "members");
    this.on = cluster.settings().plan().has(Fault.MEMBERSHIP);
  }

  /** Changes that were made. */
  int done() {
    return done;
  }

  void start() {
    if (on) {
      next();
    }
  }

  void stop() {
    over = true;
  }

  private void next() {
    simulation.after(chance.delay(GAP_NANOS), this::strike);
  }

  private void strike() {
    if (over) {
      return;
    }
    SimNode<R> leader = cluster.leader();
    SimNode<R> at =
        leader == null || chance.oneIn(12)
            ? cluster.node(chance.below(cluster.nodes().size()))
            : leader;
    RaftNode<R> raft = at.raft();
    SimService<R> service = at.service();
    if (raft != null && service != null) {
      ask(at, raft, service);
    }
    next();
  }

  private void ask(SimNode<R> at, RaftNode<R> raft, SimService<R> service) {
    Membership now = raft.status().membership();
    MembershipChange change = choose(now);
    int number = ++asked;
    simulation.trace().note(simulation.now(), at.index(), "CHANGE " + change, number, 0);
    boolean[] answered = new boolean[1];
    service.changeMembership(
        raft,
        change,
        outcome -> {
          if (answered[0]) {
            cluster.fail("a membership change is answered once", change.toString());
          }
          answered[0] = true;
          if (cluster.node(at.index()).raft() == raft) {
            answered(at, number, outcome);
          }
        });
    if (chance.oneIn(4)) {
      long nanos = chance.below(30_000_000);
      boolean power = chance.oneIn(2);
      simulation.after(nanos, () -> at.crash(power));
    }
  }

  private void answered(SimNode<R> at, int number, ChangeOutcome outcome) {
    simulation
        .trace()
        .note(simulation.now(), at.index(), outcome.getClass().getSimpleName(), number, 0);
    if (outcome instanceof ChangeOutcome.Done(long index, Membership membership)) {
      done++;
      if (membership.joint()) {
        cluster.fail("a change that is done is not under way", "at " + index);
      }
    }
  }

  private MembershipChange choose(Membership now) {
    int kind = chance.below(16);
    if (kind < 7) {
      SimNode<R> machine = cluster.node(chance.below(cluster.nodes().size()));
      if (!now.isMember(machine.id())) {
        machine.start();
        return add(now, machine.id());
      }
    }
    if (kind < 9 && !now.learners().isEmpty()) {
      return new MembershipChange.Promote(
          now.learners().get(chance.below(now.learners().size())).id());
    }
    List<NodeId> members = now.members();
    return new MembershipChange.Remove(members.get(chance.below(members.size())));
  }

  private MembershipChange add(Membership now, NodeId id) {
    Contact contact = new Contact(id, "storage of " + id, id.text(), "");
    boolean observer = chance.oneIn(4);
    NodeId replaces =
        !observer && chance.oneIn(3) ? now.voters().get(chance.below(now.voters().size())) : null;
    return new MembershipChange.AddLearner(contact, observer, replaces);
  }
}
