package io.lockstep.sim;

import io.lockstep.kv.KvView;
import io.lockstep.kv.result.Applied;
import io.lockstep.raft.sim.Chance;
import io.lockstep.raft.sim.Fault;
import io.lockstep.raft.sim.FaultPlan;
import io.lockstep.raft.sim.SimCluster;
import io.lockstep.raft.sim.SimNode;
import io.lockstep.raft.sim.Simulation;
import io.lockstep.raft.sim.Workload;
import io.lockstep.raft.sim.check.Violation;
import io.lockstep.raft.sim.check.WatchCompleteness;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The clients of a run, their histories, and the judgement at its end. */
final class SystemWorkload implements Workload<Applied> {
  /** Progress counts so for each time that every client has got an answer. */
  private static final int WEIGHT = 5;

  /** More than the bound that nodes have in such a run. */
  private static final int FLOOD = 700;

  private static final int FLOODS_MAX = 4;
  private static final int CROWD = 1_000;
  private static final int ID_CLIENTS = 2;
  private static final long MILLI = 1_000_000;

  /** One of each kind. */
  private static final int WATCHERS = 3;

  private final SimCluster<Applied> cluster;
  private final Simulation simulation;
  private final Witness witness;
  private final Chance chance;
  private final Chance transactions;
  private final @Nullable SystemBug bug;
  private final History history;
  private final List<SystemClient> clients = new ArrayList<>();
  private final List<IdClient> idClients = new ArrayList<>();
  private final List<SystemWatcher> watchers = new ArrayList<>();
  private final Guests guests;
  private boolean stopped;
  private int floods;

  SystemWorkload(
      SimCluster<Applied> cluster, Witness witness, @Nullable SystemBug bug, SystemTally tally) {
    this.cluster = cluster;
    this.simulation = cluster.simulation();
    this.witness = witness;
    this.bug = bug;
    chance = Chance.of(cluster.settings().seed(), "system clients");
    transactions = Chance.of(cluster.settings().seed(), "transactions");
    history = new History(witness);
    witness.attach(simulation::now, cluster::fail);
    int count = cluster.settings().clients() + 1;
    for (int i = 0; i < count; i++) {
      clients.add(new SystemClient(this, i));
    }
    for (int i = 0; i < ID_CLIENTS; i++) {
      idClients.add(new IdClient(this, CROWD + 1 + i));
    }
    for (int i = 0; i < WATCHERS; i++) {
      watchers.add(new SystemWatcher(this, i, bug));
    }
    guests = new Guests(this, tally::used);
    tally.follow(cluster);
  }

  Guests guests() {
    return guests;
  }

  SimCluster<Applied> cluster() {
    return cluster;
  }

  Simulation simulation() {
    return simulation;
  }

  Chance chance() {
    return chance;
  }

  /** Tells which compare-and-sets are transactions. */
  Chance transactions() {
    return transactions;
  }

  History history() {
    return history;
  }

  @Nullable SystemBug bug() {
    return bug;
  }

  Witness witness() {
    return witness;
  }

  /** Until when a holder may count on what was asked for at {@code asked}: the holder's rule. */
  long safeUntil(long asked, long expiresInMillis) {
    long drift = cluster.settings().driftPpmMax();
    return asked + expiresInMillis * (MILLI - drift);
  }

  boolean isStopped() {
    return stopped;
  }

  @Override
  public void start() {
    clients.forEach(SystemClient::pause);
    idClients.forEach(IdClient::pause);
    watchers.forEach(SystemWatcher::start);
    guests.start();
  }

  /** Hundreds of writes, sent in a few milliseconds: some are refused, and these never happen. */
  @Override
  public void flood(SimNode<Applied> node) {
    if (floods++ < FLOODS_MAX) {
      Calls crowd = new Calls(this, CROWD);
      clients.forEach(
          client -> simulation.after(chance.below(20 * MILLI), client::renewInTheCrowd));
      for (int i = 0; i < FLOOD; i++) {
        String value = "f" + floods + "-" + i;
        // When the renewals, which wait for each other for a while, are on their way to the log.
        long later = chance.between(50 * MILLI, 70 * MILLI);
        simulation.after(later, () -> crowd.write(node, value));
      }
    }
  }

  /**
   * Whether a renewal must be taken however many writes there are: nothing but the writes keeps the
   * nodes from it.
   */
  boolean renewalsMustPass() {
    FaultPlan plan = cluster.settings().plan();
    return plan.has(Fault.OVERLOAD)
        && Stream.of(
                Fault.PAUSE, Fault.STALL, Fault.SLOW_DISK, Fault.FULL_DISK, Fault.FAILING_FORCE)
            .noneMatch(plan::has);
  }

  @Override
  public void stop() {
    stopped = true;
  }

  @Override
  public long progress() {
    long least = Long.MAX_VALUE;
    for (SystemClient client : clients) {
      least = Math.min(least, client.answered());
    }
    return least * WEIGHT;
  }

  @Override
  public long operations() {
    long sum = 0;
    for (SystemClient client : clients) {
      sum += client.answered();
    }
    return sum;
  }

  @Override
  public boolean settled() {
    if (!cluster.membershipSettled()) {
      return false;
    }
    for (SimNode<Applied> node : cluster.members()) {
      if (!(node.service() instanceof SystemService service)
          || service.view().appliedIndex() < witness.lastIndex()) {
        return false;
      }
    }
    for (SystemWatcher watcher : watchers) {
      if (watcher.complete() < witness.revision()) {
        return false;
      }
    }
    long expected = witness.digest();
    for (SimNode<Applied> node : cluster.members()) {
      if (node.service() instanceof SystemService service) {
        KvView view = service.view();
        if (view.stateHash() != expected) {
          cluster.fail("equal state at equal index", node.id() + " at " + view.appliedIndex());
        }
      }
    }
    return true;
  }

  @Override
  public void checkEnd() {
    try {
      history.check();
      WatchCompleteness truth = new WatchCompleteness(witness.changes());
      watchers.forEach(watcher -> watcher.check(truth));
    } catch (Violation violation) {
      cluster.invariants().report(violation);
    }
  }
}
