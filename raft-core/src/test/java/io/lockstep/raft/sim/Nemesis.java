package io.lockstep.raft.sim;

import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.node.RaftNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the faults of a run's plan happen, at times and to victims that the seed chooses. */
final class Nemesis<R> {
  private static final long MILLI = 1_000_000;

  private final SimCluster<R> cluster;
  private final Simulation simulation;
  private final RunSettings settings;
  private final Chance chance;
  private final List<Fault> events = new ArrayList<>();
  private boolean over;
  private final int freshPermille;
  private long lastTermLed;
  private @Nullable SimNode<R> fresh;
  private int messagesLeft;
  private final FaultTally done = new FaultTally();
  private int strikes;

  Nemesis(SimCluster<R> cluster) {
    this.cluster = cluster;
    this.simulation = cluster.simulation();
    this.settings = cluster.settings();
    this.chance = Chance.of(settings.seed(), "nemesis");
    this.freshPermille = (int) chance.between(200, 950);
    for (Fault fault : settings.plan().faults()) {
      if (isEvent(fault)) {
        events.add(fault);
      }
    }
  }

  /** Whether it happens at a moment, rather than all the time. */
  private static boolean isEvent(Fault fault) {
    return switch (fault) {
      case LOSS, DUPLICATION, REORDERING, LATE_DELIVERY, DRIFT -> false;
      case FRESH_LEADER, ROT, MEMBERSHIP, LEASE_READS -> false;
      case OVERLOAD -> true;
      case PARTITION, ONE_WAY_CUT, FLAPPING, FALSE_GONE, LAGGARD, TRANSFER -> true;
      case KILL, POWER_CUT, POWER_CUT_OF_ALL, PAUSE, STALL -> true;
      case SLOW_DISK, FAILING_FORCE, FULL_DISK -> true;
    };
  }

  /** Faults so far. */
  FaultTally done() {
    return done;
  }

  void start() {
    if (!events.isEmpty()) {
      next();
    }
  }

  /** Hears of each new view that a node has of itself. */
  void observed(SimNode<R> node, RaftStatus status) {
    boolean elected = status.isLeader() && status.term() > lastTermLed;
    if (!elected) {
      return;
    }
    lastTermLed = status.term();
    if (!over && settings.plan().has(Fault.FRESH_LEADER) && chance.permille(freshPermille)) {
      fresh = node;
      messagesLeft = chance.below(8);
    }
  }

  /** Node {@code from} sends a message: what a fresh leader's life is counted in. */
  void sent(int from) {
    SimNode<R> leader = fresh;
    if (leader != null && leader.index() == from && messagesLeft-- <= 0) {
      fresh = null;
      simulation.after(0, () -> strikeFresh(leader));
    }
  }

  private void strikeFresh(SimNode<R> leader) {
    if (over) {
      return;
    }
    noteStrike(Fault.FRESH_LEADER, leader);
    switch (chance.below(4)) {
      case 0 -> leader.crash(chance.oneIn(2));
      case 1 -> leader.pauseUntil(simulation.now() + duration());
      default -> isolate(leader.index());
    }
  }

  private void noteStrike(Fault fault, SimNode<R> victim) {
    done.count(fault);
    simulation.trace().note(simulation.now(), victim.index(), "FAULT " + fault, ++strikes, 0);
  }

  private void isolate(int victim) {
    List<int[]> cuts = new ArrayList<>();
    int spared = chance.oneIn(2) ? -1 : chance.below(settings.machines());
    for (int peer = 0; peer < settings.machines(); peer++) {
      if (peer != victim && peer != spared) {
        cuts.add(new int[] {peer, victim});
        cuts.add(new int[] {victim, peer});
      }
    }
    cutForAWhile(cuts);
  }

  /** No more faults from now on. */
  void stop() {
    over = true;
  }

  private void next() {
    simulation.after(chance.delay(settings.faultGapNanos()), this::strike);
  }

  private void strike() {
    if (over) {
      return;
    }
    Fault fault = events.get(chance.below(events.size()));
    SimNode<R> victim = victim();
    noteStrike(fault, victim);
    strike(fault, victim);
    next();
  }

  /** The leader is the most interesting victim. */
  private SimNode<R> victim() {
    SimNode<R> leader = cluster.leader();
    return leader != null && chance.oneIn(2)
        ? leader
        : cluster.node(chance.below(settings.machines()));
  }

  private void strike(Fault fault, SimNode<R> victim) {
    switch (fault) {
      case PARTITION -> partition();
      case ONE_WAY_CUT -> oneWayCut(victim.index());
      case FLAPPING -> flap(victim.index());
      case FALSE_GONE -> falselyGone(victim.index());
      case LAGGARD -> fallBehind(victim.index());
      case KILL -> crash(victim, false);
      case POWER_CUT -> crash(victim, true);
      case POWER_CUT_OF_ALL -> cluster.nodes().forEach(node -> node.crash(true));
      case PAUSE -> victim.pauseUntil(simulation.now() + duration());
      case STALL -> stall(victim);
      case SLOW_DISK ->
          victim.disk().slow(chance.between(1, 400) * MILLI, simulation.now() + duration() * 2);
      case FAILING_FORCE -> victim.disk().failForces();
      case FULL_DISK -> fullDisk(victim.disk());
      case TRANSFER -> transfer();
      case OVERLOAD -> cluster.flood(victim);
      case LOSS, DUPLICATION, REORDERING, LATE_DELIVERY, DRIFT -> {}
      case FRESH_LEADER, ROT, MEMBERSHIP, LEASE_READS -> {}
    }
  }

  /** From a blink to longer than several elections. */
  private long duration() {
    long timeout = settings.raftOptions().electionTimeoutMillisMax();
    return chance.between(1, chance.oneIn(2) ? timeout : timeout * 6) * MILLI;
  }

  private void partition() {
    int n = settings.machines();
    boolean[] side = new boolean[n];
    for (int i = 0; i < n; i++) {
      side[i] = chance.oneIn(2);
    }
    List<int[]> cuts = new ArrayList<>();
    for (int from = 0; from < n; from++) {
      for (int to = 0; to < n; to++) {
        if (from != to && side[from] != side[to]) {
          cuts.add(new int[] {from, to});
        }
      }
    }
    cutForAWhile(cuts);
  }

  private void oneWayCut(int victim) {
    List<int[]> cuts = new ArrayList<>();
    boolean deaf = chance.oneIn(2);
    boolean fully = chance.oneIn(2);
    for (int peer = 0; peer < settings.machines(); peer++) {
      if (peer != victim && (fully || chance.oneIn(2))) {
        cuts.add(deaf ? new int[] {peer, victim} : new int[] {victim, peer});
      }
    }
    cutForAWhile(cuts);
  }

  private void cutForAWhile(List<int[]> cuts) {
    cutFor(cuts, duration());
  }

  private void cutFor(List<int[]> cuts, long nanos) {
    cuts.forEach(cut -> cluster.network().cut(cut[0], cut[1]));
    simulation.after(nanos, () -> cuts.forEach(cut -> cluster.network().mend(cut[0], cut[1])));
  }

  /** Longer than a leader heeds what a silent follower lacks. */
  private void fallBehind(int victim) {
    List<int[]> cuts = new ArrayList<>();
    for (int peer = 0; peer < settings.nodes(); peer++) {
      if (peer != victim) {
        cuts.add(new int[] {peer, victim});
        cuts.add(new int[] {victim, peer});
      }
    }
    long timeout = settings.raftOptions().electionTimeoutMillisMax();
    cutFor(cuts, chance.between(timeout, 3 * timeout + 2_000) * MILLI);
  }

  private void flap(int victim) {
    int peer = chance.below(settings.machines());
    if (peer != victim) {
      cluster.network().breakLink(victim, peer);
    }
  }

  /** Some of its peers, or all, take it for dead. */
  private void falselyGone(int victim) {
    for (int peer = 0; peer < settings.machines(); peer++) {
      if (peer != victim && !chance.oneIn(3)) {
        cluster.network().tellGone(peer, victim, chance.below(50_000_000));
      }
    }
  }

  /** At once, or in the middle of what the disk does next. */
  private void crash(SimNode<R> victim, boolean powerLost) {
    if (chance.oneIn(2)) {
      victim.disk().crashAfter(chance.below(12), () -> victim.crash(powerLost));
    } else {
      victim.crash(powerLost);
    }
  }

  private void stall(SimNode<R> victim) {
    SimNode.Loops loops = victim.loops();
    if (loops == null) {
      return;
    }
    VirtualLoop loop =
        switch (chance.below(4)) {
          case 0 -> loops.raft();
          case 1 -> loops.log();
          case 2 -> loops.apply();
          default -> loops.service();
        };
    loop.stallUntil(simulation.now() + duration());
  }

  private void fullDisk(SimDisk disk) {
    disk.full(true);
    simulation.after(duration() * 2, () -> disk.full(false));
  }

  private void transfer() {
    SimNode<R> leader = cluster.leader();
    RaftNode<R> raft = leader == null ? null : leader.raft();
    if (raft != null) {
      boolean named = chance.oneIn(2);
      raft.transferLeadership(named ? cluster.node(chance.below(settings.machines())).id() : null);
    }
  }
}
