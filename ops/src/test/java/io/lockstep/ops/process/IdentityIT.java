package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node is its data directory: an emptied or foreign one is not taken for the member whose name it
 * carries.
 */
class IdentityIT {
  private static final Duration START = Duration.ofSeconds(30);

  @Test
  void aWipedNodeDoesNotVoteSaysWhyAndTheOthersGoOn(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.started(3, directory)) {
      LocalNode wiped = cluster.except(cluster.leader()).getFirst();
      assertEquals(201, put(cluster.leader(), "before"));
      wiped.kill9();
      delete(wiped.data);
      wiped.start();
      assertEquals(73, wiped.awaitExit(START));
      assertTrue(
          wiped.logTail().contains("must not vote under its old identity"),
          () -> "says why:\n" + wiped.logTail());
      assertEquals(201, put(cluster.leader(), "after"));
    }
  }

  @Test
  void aNodeOfAnotherClusterIsRefused(@TempDir Path directory) throws Exception {
    Path other = Files.createDirectory(directory.resolve("b"));
    try (LocalCluster second = LocalCluster.started(3, other)) {
      assertEquals(201, put(second.leader(), "before"));
    }
    try (LocalCluster first =
        LocalCluster.started(3, Files.createDirectory(directory.resolve("a")))) {
      // n1 of the second cluster takes the place of n1 of the first one.
      LocalNode stopped = first.nodes.getFirst();
      stopped.kill9();
      Path place = Files.createDirectory(directory.resolve("c"));
      LocalNode impostor = new LocalNode(stopped.id, stopped.clientPort, stopped.peerPort, place);
      Files.move(other.resolve(stopped.id), impostor.data);
      impostor.cluster(stopped.cluster());
      try {
        impostor.start();
        assertEquals(73, impostor.awaitExit(START), impostor::logTail);
        assertTrue(impostor.logTail().contains("foreign-cluster"), impostor::logTail);
        assertEquals(201, put(first.leader(), "after"));
      } finally {
        if (impostor.alive()) {
          impostor.kill9();
        }
      }
    }
  }

  @Test
  void aFirstStartThatWasStoppedHalfWayGoesOnLater(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.of(3, directory)) {
      LocalNode early = cluster.nodes.getFirst().start();
      Awaitility.await("the early node waits for the others")
          .atMost(START)
          .until(() -> early.logText().contains("waits for all of"));
      early.kill9();
      cluster.startAll();
      assertEquals(201, put(cluster.leader(), "after"));
    }
  }

  @Test
  void aWipedNodeThatKnocksAgainAndAgainDoesNotStopAHealthyOne(@TempDir Path directory)
      throws Exception {
    try (LocalCluster cluster = LocalCluster.started(3, directory)) {
      for (LocalNode node : cluster.nodes) {
        node.kill9();
      }
      LocalNode healthy = cluster.nodes.get(0).start();
      LocalNode wiped = cluster.nodes.get(2);
      delete(wiped.data);
      for (int knock = 0; knock < 5; knock++) {
        assertEquals(73, wiped.start().awaitExit(START), wiped::logTail);
      }
      assertTrue(healthy.alive(), healthy::logTail);
      cluster.nodes.get(1).start().awaitReady(START);
      healthy.awaitReady(START);
      assertEquals(201, put(healthy, "after"));
    }
  }

  @Test
  void theWordOfOnePeerAloneDoesNotStopANodeThatWaitsForTheOthers(@TempDir Path directory)
      throws Exception {
    Path other = Files.createDirectory(directory.resolve("b"));
    try (LocalCluster second = LocalCluster.started(3, other)) {
      assertEquals(201, put(second.leader(), "before"));
    }
    try (LocalCluster first =
        LocalCluster.started(3, Files.createDirectory(directory.resolve("a")))) {
      assertEquals(201, put(first.leader(), "before"));
      for (LocalNode node : first.nodes) {
        node.kill9();
      }
      LocalNode healthy = first.nodes.get(0);
      LocalNode mistaken = first.nodes.get(1);
      delete(mistaken.data);
      Files.move(other.resolve(mistaken.id), mistaken.data);
      mistaken.start();
      healthy.start();
      for (LocalNode node : List.of(healthy, mistaken)) {
        awaitRefusals(node, 6);
        assertTrue(node.alive(), node::logTail);
      }
      first.nodes.get(2).start().awaitReady(START);
      healthy.awaitReady(START);
      assertEquals(200, put(healthy, "before"));
      assertEquals(73, mistaken.awaitExit(START), mistaken::logTail);
      assertTrue(
          mistaken.logTail().contains("n1: foreign-cluster, n3: foreign-cluster"),
          mistaken::logTail);
    }
  }

  /** Waits until {@code node} has refused so many connections. */
  private static void awaitRefusals(LocalNode node, long count) {
    Awaitility.await(node.id + " has refused " + count)
        .atMost(START)
        .until(
            () -> {
              assertTrue(node.alive(), node::logTail);
              return Http.get(node.uri("/metrics"), Duration.ofSeconds(5))
                  .body()
                  .lines()
                  .filter(line -> line.startsWith("lockstep_peer_refused_total"))
                  .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                  .anyMatch(refused -> refused >= count);
            });
  }

  private static int put(LocalNode node, String key) {
    return Http.send("PUT", node.uri("/v1/kv/" + key), "x", Duration.ofSeconds(10)).status();
  }

  static void delete(Path tree) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(tree)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
