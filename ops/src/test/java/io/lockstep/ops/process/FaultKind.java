package io.lockstep.ops.process;

import java.util.Arrays;
import java.util.Locale;

/** The faults that real nodes are put under, one at a time or several together. */
enum FaultKind {
  KILL_LEADER,
  KILL_FOLLOWER,
  KILL_MAJORITY,
  KILL_ALL,
  /** Nodes die at random moments and come back at once, again and again. */
  RESTART_STORM,
  PAUSE_LEADER,
  PAUSE_MINORITY,
  /** A majority and a minority that hear nothing of each other, whoever leads. */
  SYMMETRIC_SPLIT,
  LEADER_IN_MINORITY,
  /** One node hears nobody, all hear it. */
  ONE_WAY_IN,
  /** Nobody hears one node, it hears all. */
  ONE_WAY_OUT,
  /** Two sides that hear each other through one node only, which takes no part in the routing. */
  BRIDGE,
  /** Each node hears its neighbours only: of three, the one before it. */
  RING,
  /** The link between the leader and a follower is up 300 ms, down 300 ms. */
  FLAPPING_LINK,
  /** 20 % of what is sent comes when TCP sends it again. */
  LOSS,
  /** All is 100 +- 50 ms late. */
  DELAY,
  /** Connections deliver their last bytes after their successors, and are said twice. */
  DUPLICATE_AND_REORDER,
  /** Each force of the leader takes 200 ms more. */
  SLOW_DISK,
  FAILING_FORCE,
  FULL_DISK,
  POWER_CUT_OF_ONE,
  POWER_CUT_OF_ALL,
  /** Wall clocks jump by hours and a day, each node's its own way. */
  CLOCK_JUMP,
  /** A new node joins, is killed on the way, and becomes a voter; later one makes room. */
  ADD_MEMBER,
  /** A voter leaves, goes on asking and being asked, and joins again with an empty directory. */
  REMOVE_MEMBER,
  /** A voter is lost for good, and a new node takes its place in one step. */
  REPLACE_MEMBER;

  /** A fault that lasts until it is healed. */
  interface Fault {
    /** Returns when nothing stands in the way of recovery any more, which may take its time. */
    void heal() throws Exception;
  }

  /** What a user calls it, as {@code kill-leader}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static FaultKind of(String label) {
    return Arrays.stream(values())
        .filter(kind -> kind.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no fault '"
                        + label
                        + "'; there are "
                        + Arrays.stream(values()).map(FaultKind::label).toList()));
  }

  /** Whether members come or go: then other faults of a run come after it, and heal before. */
  boolean changesMembers() {
    return this == ADD_MEMBER || this == REMOVE_MEMBER || this == REPLACE_MEMBER;
  }

  /** Gives a cluster that was not started yet what this fault needs of it. */
  void prepare(FaultyCluster cluster) throws Exception {
    switch (this) {
      case FULL_DISK, POWER_CUT_OF_ONE, POWER_CUT_OF_ALL -> cluster.useDiskImages();
      case SLOW_DISK, FAILING_FORCE -> {
        Tools.require("strace", "strace");
        Tools.requireRoot();
      }
      case CLOCK_JUMP -> ClockFaults.prepare(cluster);
      case KILL_LEADER,
          KILL_FOLLOWER,
          KILL_MAJORITY,
          KILL_ALL,
          RESTART_STORM,
          PAUSE_LEADER,
          PAUSE_MINORITY,
          SYMMETRIC_SPLIT,
          LEADER_IN_MINORITY,
          ONE_WAY_IN,
          ONE_WAY_OUT,
          BRIDGE,
          RING,
          FLAPPING_LINK,
          LOSS,
          DELAY,
          DUPLICATE_AND_REORDER,
          ADD_MEMBER,
          REMOVE_MEMBER,
          REPLACE_MEMBER -> {}
    }
  }

  /** Brings the fault about. */
  Fault strike(FaultyCluster cluster) throws Exception {
    return switch (this) {
      case KILL_LEADER -> ProcessFaults.killLeader(cluster);
      case KILL_FOLLOWER -> ProcessFaults.killFollower(cluster);
      case KILL_MAJORITY -> ProcessFaults.killMajority(cluster);
      case KILL_ALL -> ProcessFaults.killAll(cluster);
      case RESTART_STORM -> ProcessFaults.restartStorm(cluster);
      case PAUSE_LEADER -> ProcessFaults.pauseLeader(cluster);
      case PAUSE_MINORITY -> ProcessFaults.pauseMinority(cluster);
      case SYMMETRIC_SPLIT -> LinkFaults.symmetricSplit(cluster);
      case LEADER_IN_MINORITY -> LinkFaults.leaderInMinority(cluster);
      case ONE_WAY_IN -> LinkFaults.oneWayIn(cluster);
      case ONE_WAY_OUT -> LinkFaults.oneWayOut(cluster);
      case BRIDGE -> LinkFaults.bridge(cluster);
      case RING -> LinkFaults.ring(cluster);
      case FLAPPING_LINK -> LinkFaults.flappingLink(cluster);
      case LOSS -> LinkFaults.loss(cluster);
      case DELAY -> LinkFaults.delay(cluster);
      case DUPLICATE_AND_REORDER -> LinkFaults.duplicateAndReorder(cluster);
      case SLOW_DISK -> DiskFaults.slowDisk(cluster);
      case FAILING_FORCE -> DiskFaults.failingForce(cluster);
      case FULL_DISK -> DiskFaults.fullDisk(cluster);
      case POWER_CUT_OF_ONE -> DiskFaults.powerCutOfOne(cluster);
      case POWER_CUT_OF_ALL -> DiskFaults.powerCutOfAll(cluster);
      case CLOCK_JUMP -> ClockFaults.jump(cluster);
      case ADD_MEMBER -> MemberFaults.add(cluster);
      case REMOVE_MEMBER -> MemberFaults.remove(cluster);
      case REPLACE_MEMBER -> MemberFaults.replace(cluster);
    };
  }
}
