package io.lockstep.raft.sim;

import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.SnapshotOptions;
import io.lockstep.raft.node.NodeOptions;
import java.util.EnumSet;

/**
 * All that the seed decides about a run before it begins.
 *
 * @param nodes members of the cluster at its first start
 * @param faultNanos how long faults happen; then the cluster is healed
 * @param faultGapNanos typical time between two faults
 * @param forceNanos what a force typically takes
 * @param taskNanos what a task of a loop typically takes
 * @param driftPpmMax how far clocks run apart
 * @param clients callers, each with one call at a time
 * @param clientPauseNanos typical time between two calls of one caller
 */
public record RunSettings(
    long seed,
    int nodes,
    FaultPlan plan,
    NetworkProfile network,
    RaftOptions raftOptions,
    NodeOptions nodeOptions,
    long faultNanos,
    long faultGapNanos,
    long forceNanos,
    long taskNanos,
    int driftPpmMax,
    int clients,
    long clientPauseNanos) {
  private static final int SPARES = 3;

  /** Two clocks of which each runs so far wrong are within what lease reads assume. */
  static final int LEASE_DRIFT_PPM = 50_000;

  private static final int[] SIZES = {1, 2, 3, 3, 3, 3, 3, 3, 5, 5};

  /** What {@code seed} decides. */
  public static RunSettings of(long seed) {
    if (isStorm(seed)) {
      return storm(seed, new FaultPlan(EnumSet.of(Fault.FRESH_LEADER)));
    }
    if (isLeases(seed)) {
      FaultPlan plan = new FaultPlan(EnumSet.of(Fault.LEASE_READS, Fault.DRIFT));
      return leases(seed, plan, LEASE_DRIFT_PPM);
    }
    Chance chance = Chance.of(seed, "settings");
    FaultPlan plan = FaultPlan.of(chance);
    plan = Chance.of(seed, "overload").oneIn(8) ? plan.with(Fault.OVERLOAD) : plan;
    if (Chance.of(seed, "membership").oneIn(3)) {
      plan = plan.with(Fault.MEMBERSHIP);
    } else if (Chance.of(seed, "rot").oneIn(3)) {
      plan = plan.with(Fault.ROT);
    }
    if (Chance.of(seed, "lease reads").oneIn(4)) {
      plan = plan.with(Fault.LEASE_READS);
    }
    return of(seed, chance, plan);
  }

  /**
   * Three or five nodes on calm wires that serve reads by leases, under callers that read all the
   * time: what can go wrong is what leases rest on.
   */
  static RunSettings leases(long seed, FaultPlan plan, int driftPpmMax) {
    Chance chance = Chance.of(seed, "leases' settings");
    long delay = chance.oneIn(2) ? chance.between(50, 2_000) : chance.between(2_000, 12_000);
    NetworkProfile calm = new NetworkProfile(delay * 1_000, 0, 0, false, 0, true);
    long timeout = chance.between(3, 8) * 100;
    RaftOptions options =
        new RaftOptions(
                timeout / 6,
                timeout,
                timeout * 9 / 8,
                1 << 20,
                64,
                8 << 20,
                64 << 20,
                8 << 20,
                4_096,
                1_000)
            .withSnapshots(snapshots(Chance.of(seed, "snapshots")));
    return new RunSettings(
        seed,
        chance.oneIn(4) ? 5 : 3,
        plan,
        calm,
        options,
        NodeOptions.DEFAULT,
        30 * timeout * 1_000_000,
        100_000_000,
        chance.between(100, 2_000) * 1_000,
        5_000,
        plan.has(Fault.DRIFT) ? driftPpmMax : 0,
        8,
        chance.between(2, 10) * 1_000_000);
  }

  /**
   * The options of one machine. A lease must not rest on them: so where there may be leases, some
   * machines have shorter time-outs than others.
   */
  public RaftOptions raftOptions(int machine) {
    long timeout = raftOptions.electionTimeoutMillisMin() / 2;
    boolean may = plan.has(Fault.LEASE_READS) && timeout >= 2 * raftOptions.heartbeatMillis();
    return may && Chance.of(seed, "timing " + machine).oneIn(3)
        ? quicker(raftOptions)
        : raftOptions;
  }

  private static RaftOptions quicker(RaftOptions options) {
    return new RaftOptions(
        options.heartbeatMillis(),
        options.electionTimeoutMillisMin() / 2,
        options.electionTimeoutMillisMax() / 2,
        options.appendBytesMax(),
        options.inflightMessagesMax(),
        options.inflightBytesMax(),
        options.tailBytesMax(),
        options.applyBytesMax(),
        options.proposalsInflightMax(),
        options.idleStampMillis(),
        options.snapshots());
  }

  private static boolean isLeases(long seed) {
    return Chance.of(seed, "leases").oneIn(12);
  }

  private static boolean isStorm(long seed) {
    return Chance.of(seed, "kind").oneIn(12);
  }

  /**
   * Three nodes whose leaders are struck down as soon as they begin to act, and which send one
   * entry a message: many short terms, with logs that part in all ways (thesis figures 3.6 and
   * 3.7).
   */
  private static RunSettings storm(long seed, FaultPlan plan) {
    Chance chance = Chance.of(seed, "storm");
    NetworkProfile calm = new NetworkProfile(1_000_000, 0, 0, false, 0, true);
    RaftOptions quick =
        new RaftOptions(20, 80, 160, 1, 1, 1, 4_000, 4_000, 64, 1_000)
            .withSnapshots(snapshots(Chance.of(seed, "snapshots")));
    return new RunSettings(
        seed,
        3,
        plan,
        calm,
        quick,
        NodeOptions.DEFAULT,
        chance.between(6_000, 12_000) * 1_000_000,
        100_000_000,
        chance.between(100, 2_000) * 1_000,
        5_000,
        0,
        4,
        chance.between(5, 60) * 1_000_000);
  }

  /** Production's own time-outs, quick wires and disks, and no faults. */
  static RunSettings calm(long seed, int nodes) {
    return new RunSettings(
        seed,
        nodes,
        FaultPlan.NONE,
        new NetworkProfile(200_000, 0, 0, false, 0, true),
        RaftOptions.LAN,
        NodeOptions.DEFAULT,
        0,
        1_000_000_000,
        200_000,
        5_000,
        0,
        1,
        10_000_000);
  }

  /** These with production's own limits and time-outs. */
  public RunSettings withDefaultOptions() {
    return new RunSettings(
        seed,
        nodes,
        plan,
        network,
        RaftOptions.LAN.withSnapshots(raftOptions.snapshots()),
        NodeOptions.DEFAULT,
        faultNanos,
        faultGapNanos,
        forceNanos,
        taskNanos,
        driftPpmMax,
        clients,
        clientPauseNanos);
  }

  /** Machines that there are, members or not: some can become one. */
  public int machines() {
    return nodes + (plan.has(Fault.MEMBERSHIP) ? SPARES : 0);
  }

  /** What {@code seed} decides, but for the faults. */
  public static RunSettings of(long seed, FaultPlan plan) {
    if (isStorm(seed)) {
      return storm(seed, plan);
    }
    if (isLeases(seed)) {
      return leases(seed, plan, LEASE_DRIFT_PPM);
    }
    Chance chance = Chance.of(seed, "settings");
    FaultPlan.of(chance);
    return of(seed, chance, plan);
  }

  private static RunSettings of(long seed, Chance chance, FaultPlan plan) {
    return new RunSettings(
        seed,
        SIZES[chance.below(SIZES.length)],
        plan,
        NetworkProfile.of(Chance.of(seed, "network profile"), plan),
        raftOptions(chance).withSnapshots(snapshots(Chance.of(seed, "snapshots"))),
        nodeOptions(chance),
        chance.between(3_000, 12_000) * 1_000_000,
        chance.between(30, 1_500) * 1_000_000,
        chance.between(30, 2_000) * 1_000,
        chance.between(1, 30) * 1_000,
        plan.has(Fault.DRIFT) ? driftPpm(seed, chance, plan) : 0,
        (int) chance.between(1, 8),
        chance.between(1, 80) * 1_000_000);
  }

  private static int driftPpm(long seed, Chance chance, FaultPlan plan) {
    int drift = (int) chance.between(10, 20_000);
    return plan.has(Fault.LEASE_READS)
        ? (int) Chance.of(seed, "drift").between(10, LEASE_DRIFT_PPM)
        : drift;
  }

  private static RaftOptions raftOptions(Chance chance) {
    if (chance.oneIn(2)) {
      return RaftOptions.LAN;
    }
    long heartbeat = chance.between(20, 150);
    long timeoutMin = heartbeat * chance.between(3, 6);
    return new RaftOptions(
        heartbeat,
        timeoutMin,
        timeoutMin * 2,
        chance.oneIn(3) ? 1 : (int) chance.between(1, 2_000),
        chance.oneIn(3) ? 1 : (int) chance.between(1, 8),
        (int) chance.between(1, 8_000),
        (int) chance.between(1, 6_000),
        (int) chance.between(1, 6_000),
        (int) chance.between(1, 64),
        1_000);
  }

  /** Mostly such that snapshots are taken, sent and installed all the time. */
  private static SnapshotOptions snapshots(Chance chance) {
    if (chance.oneIn(8)) {
      return SnapshotOptions.DEFAULT;
    }
    return new SnapshotOptions(
        chance.between(2, chance.oneIn(3) ? 200 : 20),
        chance.between(500, 40_000),
        (int) chance.between(2, 12),
        chance.oneIn(3) ? chance.between(0, 60) : 0,
        chance.oneIn(3) ? chance.between(0, 20_000) : 0,
        chance.between(20, 1_000));
  }

  private static NodeOptions nodeOptions(Chance chance) {
    if (chance.oneIn(2)) {
      return NodeOptions.DEFAULT;
    }
    return new NodeOptions(
        (int) chance.between(1, 32),
        chance.between(100, 4_000),
        chance.between(20, 500),
        (int) chance.between(1, 32),
        (int) chance.between(4, 64),
        chance.between(1_000, 8_000),
        chance.between(500, 8_000),
        chance.between(100, 4_000),
        (int) chance.between(1, 32),
        chance.between(5, 20),
        chance.between(100, 1_000));
  }
}
