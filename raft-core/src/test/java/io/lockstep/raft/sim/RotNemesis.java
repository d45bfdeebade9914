package io.lockstep.raft.sim;

/**
 * Has the disk of one machine after the other lose what is on it, while it runs or while it is
 * down. The next is spared until the one before was found, and repaired: peers can bring back what
 * a minority has lost.
 */
final class RotNemesis<R> {
  private static final long GAP_NANOS = 500_000_000;

  private final SimCluster<R> cluster;
  private final Simulation simulation;
  private final Chance chance;
  private final boolean on;
  private boolean over;
  private int done;

  RotNemesis(SimCluster<R> cluster) {
    this.cluster = cluster;
    this.simulation = cluster.simulation();
    this.chance = Chance.of(cluster.settings().seed(), "rotting");
    this.on = cluster.settings().plan().has(Fault.ROT) && cluster.settings().nodes() > 2;
  }

  /** Files that were altered. */
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
    SimNode<R> victim = cluster.node(chance.below(cluster.nodes().size()));
    boolean spared = cluster.nodes().stream().anyMatch(node -> node.disk().isUnsound());
    if (!spared) {
      if (chance.oneIn(2)) {
        victim.crash(chance.oneIn(2));
      }
      if (victim.disk().rot(chance, SimLogs.owner(victim))) {
        done++;
        simulation.trace().note(simulation.now(), victim.index(), "FAULT ROT", done, 0);
        if (chance.oneIn(2)) {
          long nanos = chance.below(400_000_000);
          simulation.after(nanos, () -> victim.crash(chance.oneIn(2)));
        }
      }
    }
    next();
  }
}
