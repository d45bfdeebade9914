package io.lockstep.raft.sim;

import io.lockstep.raft.Membership;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.node.RaftNode;
import io.lockstep.raft.sim.check.RaftInvariants;
import io.lockstep.raft.sim.check.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All the machines of one run and the wires between them.
 *
 * @param <R> the state machine's result
 */
public final class SimCluster<R> {
  private final Simulation simulation;
  private final RunSettings settings;
  private final PlantedBug bug;
  private final LogFactory logs;
  private final SimService.Factory<R> services;
  private final List<NodeId> ids;
  private final Membership founders;
  private final RaftInvariants invariants;
  private final SimNetwork network;
  private final List<SimNode<R>> nodes = new ArrayList<>();
  private final Chance chance;
  private final List<StatusObserver<R>> observers = new ArrayList<>();
  private IntConsumer onSend = from -> {};
  private Consumer<SimNode<R>> onFlood = node -> {};
  private boolean healed;

  SimCluster(
      Simulation simulation,
      RunSettings settings,
      PlantedBug bug,
      LogFactory logs,
      SimService.Factory<R> services) {
    this.simulation = simulation;
    this.settings = settings;
    this.bug = bug;
    this.logs = logs;
    this.services = services;
    chance = Chance.of(settings.seed(), "cluster");
    ids = IntStream.rangeClosed(1, settings.machines()).mapToObj(i -> new NodeId("n" + i)).toList();
    founders = new Membership(ids.subList(0, settings.nodes()));
    invariants = new RaftInvariants(ids, founders, simulation::now, settings.driftPpmMax());
    network =
        new SimNetwork(
            simulation,
            Chance.of(settings.seed(), "network"),
            settings.network(),
            ids,
            this::sending);
    for (int i = 0; i < ids.size(); i++) {
      nodes.add(new SimNode<>(this, i, ids.get(i)));
    }
  }

  /** Hears of each new view that a node has of itself. */
  @FunctionalInterface
  public interface StatusObserver<R> {
    void observed(SimNode<R> node, RaftStatus status);
  }

  /** Calls {@code sender} with the sender of each message. */
  void onSend(IntConsumer sender) {
    onSend = sender;
  }

  /** Calls {@code flooded} with a node that is to get more calls than it takes. */
  void onFlood(Consumer<SimNode<R>> flooded) {
    onFlood = flooded;
  }

  void flood(SimNode<R> node) {
    onFlood.accept(node);
  }

  public void observe(StatusObserver<R> added) {
    observers.add(added);
  }

  void observed(SimNode<R> node, RaftStatus status) {
    for (StatusObserver<R> observer : observers) {
      observer.observed(node, status);
    }
  }

  private void sending(int from, int to, Message message) {
    MessageTrace.note(simulation, from, to, message);
    invariants.sending(from, to, message, nodes.get(from).disk().hardState());
    onSend.accept(from);
  }

  public Simulation simulation() {
    return simulation;
  }

  public RunSettings settings() {
    return settings;
  }

  public RaftInvariants invariants() {
    return invariants;
  }

  public List<SimNode<R>> nodes() {
    return nodes;
  }

  public SimNode<R> node(int index) {
    return nodes.get(index);
  }

  SimNetwork network() {
    return network;
  }

  PlantedBug bug() {
    return bug;
  }

  LogFactory logs() {
    return logs;
  }

  Membership membership() {
    return founders;
  }

  /** Whether the time of faults is over. */
  public boolean isHealed() {
    return healed;
  }

  /** Machines that one may call: all while there are faults, and then the members. */
  public List<SimNode<R>> callable() {
    return healed ? members() : nodes;
  }

  /** The members by what is committed. */
  public List<SimNode<R>> members() {
    Membership now = invariants.membership();
    return nodes.stream().filter(node -> now.isMember(node.id())).toList();
  }

  /**
   * Whether nothing is under way: all members go by the same membership, no change is unfinished,
   * and who leads has a place in it.
   */
  public boolean membershipSettled() {
    Membership now = invariants.membership();
    SimNode<R> leader = leader();
    if (now.joint() || leader == null || !now.isVoter(leader.id())) {
      return false;
    }
    for (SimNode<R> node : members()) {
      RaftNode<R> raft = node.raft();
      if (raft == null || !raft.status().membership().equals(now)) {
        return false;
      }
    }
    return true;
  }

  SimService<R> createService(SimNode<R> node) {
    return services.create(node);
  }

  /** Reports a violation. */
  public void fail(String property, String detail) {
    invariants.report(new Violation(property, detail));
  }

  /** The node that leads in the highest term, as far as living nodes say; null when none does. */
  public @Nullable SimNode<R> leader() {
    SimNode<R> leader = null;
    long term = 0;
    for (SimNode<R> node : nodes) {
      var raft = node.raft();
      if (raft != null && raft.status().isLeader() && raft.status().term() > term) {
        leader = node;
        term = raft.status().term();
      }
    }
    return leader;
  }

  void startAll() {
    for (SimNode<R> node : nodes.subList(0, settings.nodes())) {
      simulation.after(chance.below(50_000_000), node::start);
    }
  }

  /** A node that went down comes back by itself. */
  void restartLater(SimNode<R> node) {
    long nanos = chance.between(20, healed ? 300 : 3_000) * 1_000_000;
    simulation.after(nanos, node::start);
  }

  /** Ends all faults: links are whole, disks work, stopped processes go on, dead ones come back. */
  void heal() {
    healed = true;
    network.heal();
    for (SimNode<R> node : nodes) {
      node.disk().full(false);
      node.disk().kill();
      if (node.lives() > 0) {
        simulation.after(chance.below(300_000_000), node::start);
      }
    }
  }
}
