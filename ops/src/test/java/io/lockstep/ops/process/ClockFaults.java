package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.ops.process.FaultKind.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/** Wall clocks that jump while a node runs; its monotonic clock goes on as it should. */
final class ClockFaults {
  private static final List<String> JUMPS = List.of("+1h", "-1h", "+24h", "-24h");
  private static final List<Path> LIBRARIES =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
          Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"));

  private static final Pattern STARTS = Pattern.compile("(?m)^([^ ]+Z) .*starts on");
  private static final Duration BOUND = Duration.ofSeconds(60);

  private ClockFaults() {}

  static void prepare(FaultyCluster cluster) throws Exception {
    if (!tryPrepare(cluster)) {
      Tools.skip("needs libfaketime (Debian package libfaketime)");
    }
  }

  /** Returns whether clocks can jump here. */
  static boolean tryPrepare(FaultyCluster cluster) throws Exception {
    Path library = LIBRARIES.stream().filter(Files::exists).findFirst().orElse(null);
    if (library == null) {
      return false;
    }
    cluster.prepareEach(
        node -> {
          set(node, "+0");
          node.environment("LD_PRELOAD", library.toString())
              .environment("FAKETIME_TIMESTAMP_FILE", file(node).toString())
              .environment("FAKETIME_CACHE_DURATION", "1")
              .environment("FAKETIME_DONT_FAKE_MONOTONIC", "1")
              // Else the library takes a wait until a monotonic time for one until a wall-clock
              // time.
              .environment("FAKETIME_FORCE_MONOTONIC_FIX", "0");
        });
    return true;
  }

  /** All clocks jump, and one node finds its clock wrong when it comes back from a crash. */
  static Fault jump(FaultyCluster cluster) throws Exception {
    for (LocalNode node : cluster.nodes) {
      set(node, JUMPS.get(cluster.random.nextInt(JUMPS.size())));
    }
    LocalNode restarted = cluster.some(1, cluster.nodes).getFirst();
    restarted.kill9();
    restarted.start().awaitReady(BOUND);
    demandJump(restarted);
    return () -> {
      for (LocalNode node : cluster.nodes) {
        set(node, "+0");
      }
    };
  }

  /** A fault that nobody feels proves nothing. The node has started after its clock jumped. */
  static void demandJump(LocalNode node) throws IOException {
    Instant said =
        STARTS.matcher(node.logText()).results().toList().stream()
            .map(match -> Instant.parse(match.group(1)))
            .reduce((before, after) -> after)
            .orElseThrow();
    Duration off = Duration.between(Instant.now(), said).abs();
    assertTrue(off.compareTo(Duration.ofMinutes(50)) > 0, () -> node.id + " is off by " + off);
  }

  private static Path file(LocalNode node) {
    return node.log.resolveSibling(node.id + ".clock");
  }

  /** From now on the node's wall clock is off by this. Readers see the old text or the new one. */
  static void set(LocalNode node, String offset) throws IOException {
    Path next = file(node).resolveSibling(node.id + ".clock.next");
    Files.writeString(next, offset + "\n");
    Files.move(next, file(node), StandardCopyOption.ATOMIC_MOVE);
  }
}
