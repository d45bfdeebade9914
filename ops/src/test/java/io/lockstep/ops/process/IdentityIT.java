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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node is its data directory: an emptied or foreign one is not taken for the member whose name it
 * carries.
 */
class IdentityIT {
  private static final Duration START = Duration.ofSeconds(30);

  /** Of a cluster of its own, which has gone. */
  private static Path foreign;

  private static LocalCluster cluster;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    foreign = Files.createDirectory(directory.resolve("b"));
    try (LocalCluster second = LocalCluster.started(3, foreign)) {
      assertEquals(201, put(second.leader(), "before"));
    }
    cluster = LocalCluster.started(3, Files.createDirectory(directory.resolve("a")));
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  /** What a test leaves behind: a node that is down has the data that it always had. */
  @BeforeEach
  void mend() throws IOException {
    cluster.startAll();
  }

  /** Takes a node's data away, until {@link #giveBack}. */
  private static Path takeAway(LocalNode node) throws IOException {
    return Files.move(node.data, node.data.resolveSibling(node.id + "-kept"));
  }

  private static void giveBack(LocalNode node, Path kept) throws IOException {
    delete(node.data);
    Files.move(kept, node.data);
  }

  @Test
  void aWipedNodeDoesNotVoteSaysWhyAndTheOthersGoOn() throws Exception {
    LocalNode wiped = cluster.except(cluster.leader()).getFirst();
    wiped.kill9();
    Path kept = takeAway(wiped);
    wiped.start();
    assertEquals(73, wiped.awaitExit(START));
    assertTrue(
        wiped.logTail().contains("must not vote under its old identity"),
        () -> "says why:\n" + wiped.logTail());
    assertEquals(201, put(cluster.leader(), "without-the-wiped"));
    giveBack(wiped, kept);
  }

  @Test
  void aNodeOfAnotherClusterIsRefused(@TempDir Path directory) throws Exception {
    // n1 of the second cluster takes the place of n1 of the first one.
    LocalNode stopped = cluster.nodes.getFirst();
    stopped.kill9();
    LocalNode impostor = new LocalNode(stopped.id, stopped.clientPort, stopped.peerPort, directory);
    Files.move(foreign.resolve(stopped.id), impostor.data);
    impostor.cluster(stopped.cluster());
    try {
      impostor.start();
      assertEquals(73, impostor.awaitExit(START), impostor::logTail);
      assertTrue(impostor.logTail().contains("foreign-cluster"), impostor::logTail);
      assertEquals(201, put(cluster.leader(), "without-the-impostor"));
    } finally {
      if (impostor.alive()) {
        impostor.kill9();
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
  void aWipedNodeThatKnocksAgainAndAgainDoesNotStopAHealthyOne() throws Exception {
    for (LocalNode node : cluster.nodes) {
      node.kill9();
    }
    LocalNode healthy = cluster.nodes.get(0).start();
    LocalNode wiped = cluster.nodes.get(2);
    Path kept = takeAway(wiped);
    for (int knock = 0; knock < 5; knock++) {
      assertEquals(73, wiped.start().awaitExit(START), wiped::logTail);
    }
    assertTrue(healthy.alive(), healthy::logTail);
    cluster.nodes.get(1).start().awaitReady(START);
    healthy.awaitReady(START);
    assertEquals(201, put(healthy, "after-the-knocks"));
    giveBack(wiped, kept);
  }

  @Test
  void theWordOfOnePeerAloneDoesNotStopANodeThatWaitsForTheOthers() throws Exception {
    assertEquals(201, put(cluster.leader(), "before-the-word"));
    for (LocalNode node : cluster.nodes) {
      node.kill9();
    }
    LocalNode healthy = cluster.nodes.get(0);
    LocalNode mistaken = cluster.nodes.get(1);
    Path kept = takeAway(mistaken);
    Files.move(foreign.resolve(mistaken.id), mistaken.data);
    mistaken.start();
    healthy.start();
    for (LocalNode node : List.of(healthy, mistaken)) {
      awaitRefusals(node, 6);
      assertTrue(node.alive(), node::logTail);
    }
    cluster.nodes.get(2).start().awaitReady(START);
    healthy.awaitReady(START);
    assertEquals(200, put(healthy, "before-the-word"));
    assertEquals(73, mistaken.awaitExit(START), mistaken::logTail);
    assertTrue(
        mistaken.logTail().contains("n1: foreign-cluster, n3: foreign-cluster"), mistaken::logTail);
    giveBack(mistaken, kept);
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
    return Http.comeAgain("PUT", node.uri("/v1/kv/" + key), "x", Duration.ofSeconds(10)).status();
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
