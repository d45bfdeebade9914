package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.ops.process.FaultKind.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** Disks that are slow, fail, are full, or lose their power. */
final class DiskFaults {
  private static final String FORCES = "fdatasync,fsync,msync";
  private static final int DELAY_MICROS = 200_000;
  private static final int STOPPED_ITSELF = 70;
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Pattern ROOM =
      Pattern.compile("(?m)^lockstep_log_room(?:\\{.*})? ([0-9.]+)");
  private static final String LARGE = "x".repeat(100_000);

  private DiskFaults() {}

  static Fault slowDisk(FaultyCluster cluster) throws Exception {
    return slow(cluster.leader(), DELAY_MICROS);
  }

  /** Each force of this node takes so much longer from now on. */
  static Fault slow(LocalNode node, int micros) throws Exception {
    Process strace = strace(node, "inject=" + FORCES + ":delay_exit=" + micros);
    return () -> {
      strace.destroy();
      strace.waitFor();
    };
  }

  static Fault failingForce(FaultyCluster cluster) throws Exception {
    LocalNode victim = cluster.some(1, cluster.nodes).getFirst();
    Process strace = strace(victim, "inject=" + FORCES + ":error=EIO");
    try {
      assertEquals(STOPPED_ITSELF, victim.awaitExit(BOUND), victim::logTail);
    } finally {
      strace.destroyForcibly();
    }
    return victim::start;
  }

  private static Process strace(LocalNode node, String inject) throws IOException {
    return new ProcessBuilder(
            "strace",
            "-f",
            "-q",
            "-o",
            "/dev/null",
            "-e",
            "trace=" + FORCES,
            "-e",
            inject,
            "-p",
            "" + node.pid())
        .inheritIO()
        .start();
  }

  /** Large values are written until the node has no room for its next segment. */
  static Fault fullDisk(FaultyCluster cluster) throws Exception {
    LocalNode victim = cluster.some(1, cluster.nodes).getFirst();
    DiskImage disk = cluster.disk(victim);
    disk.fill();
    int[] number = new int[1];
    Awaitility.await(victim.id + " has no room")
        .atMost(BOUND)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              LocalNode node = cluster.some(1, cluster.nodes).getFirst();
              Http.send(
                  "PUT", node.uri("/v1/kv/ballast/" + number[0]++ % 20), LARGE, Asking.PATIENCE);
              return room(victim) > 0;
            });
    return disk::free;
  }

  /** 0 for enough, 1 for the reserve only, 2 for none. */
  static double room(LocalNode node) {
    Matcher room = ROOM.matcher(Http.get(node.uri("/metrics"), Asking.PATIENCE).body());
    return room.find() ? Double.parseDouble(room.group(1)) : 0;
  }

  static Fault powerCutOfOne(FaultyCluster cluster) throws Exception {
    return powerCut(cluster, cluster.some(1, cluster.nodes));
  }

  static Fault powerCutOfAll(FaultyCluster cluster) throws Exception {
    return powerCut(cluster, cluster.nodes);
  }

  private static Fault powerCut(FaultyCluster cluster, List<LocalNode> victims) throws Exception {
    Fault kill = ProcessFaults.kill(victims);
    for (LocalNode victim : victims) {
      cluster.disk(victim).cutPower();
    }
    return kill;
  }
}
