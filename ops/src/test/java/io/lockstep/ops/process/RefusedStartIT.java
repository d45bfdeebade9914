package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that cannot or must not run says so in one clear line, and ends with a status that is not
 * zero.
 */
class RefusedStartIT {
  private static final Duration START = Duration.ofSeconds(30);

  @Test
  void aPortInUse(@TempDir Path directory) throws Exception {
    LocalNode node = LocalCluster.of(1, directory).nodes.getFirst();
    try (ServerSocket taken =
        new ServerSocket(node.clientPort, 1, InetAddress.getLoopbackAddress())) {
      assertRefused(node, 72, "" + taken.getLocalPort());
    }
  }

  @Test
  void aPeerPortInUse(@TempDir Path directory) throws Exception {
    LocalNode node = LocalCluster.of(1, directory).nodes.getFirst();
    try (ServerSocket taken =
        new ServerSocket(node.peerPort, 1, InetAddress.getLoopbackAddress())) {
      assertRefused(node, 72, "" + taken.getLocalPort());
    }
  }

  @Test
  void aSecondProcessOnTheSameData(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.started(1, directory)) {
      LocalNode first = cluster.nodes.getFirst();
      List<Integer> ports = LocalCluster.freePorts(2);
      LocalNode second = new LocalNode("n1", ports.get(0), ports.get(1), directory);
      second.cluster("n1=127.0.0.1:" + ports.get(1));
      assertRefused(second, 71, "another process");
      assertEquals(200, Http.get(first.uri("/readyz"), Duration.ofSeconds(5)).status());
    }
  }

  @Test
  void aForeignDirectory(@TempDir Path directory) throws Exception {
    LocalNode node = LocalCluster.of(1, directory).nodes.getFirst();
    Files.createDirectories(node.data);
    Files.writeString(node.data.resolve("my-thesis.txt"), "all there is of it");
    assertRefused(node, 71, node.data.toString());
    assertEquals("all there is of it", Files.readString(node.data.resolve("my-thesis.txt")));
  }

  @Test
  void aDirectoryThatLostItsVote(@TempDir Path directory) throws Exception {
    LocalNode node = copyOfStopped(directory);
    List<Path> deleted;
    try (Stream<Path> files = Files.list(node.data)) {
      deleted = files.filter(file -> file.getFileName().toString().contains("hard")).toList();
    }
    assertEquals(1, deleted.size(), "the file of term and vote");
    Files.delete(deleted.getFirst());
    assertRefused(node, 71, "hard-state: missing");
  }

  /** As when a file comes back from a copy: a vote of the time since could be given twice. */
  @Test
  void aVoteFromEarlier(@TempDir Path directory) throws Exception {
    LocalNode node = copyOfStopped(directory);
    Path vote = node.data.resolve("hard-state");
    byte[] earlier = Files.readAllBytes(vote);
    node.start().awaitReady(START);
    node.signal("TERM");
    node.awaitExit(Duration.ofSeconds(5));
    Files.write(vote, earlier);
    assertRefused(node, 71, "the hard state is lost");
  }

  @Test
  void aFlippedBitInTheForcedLog(@TempDir Path directory) throws Exception {
    LocalNode node = copyOfStopped(directory);
    Path segment;
    try (Stream<Path> files = Files.walk(node.data.resolve("log"))) {
      segment =
          files
              .filter(file -> file.getFileName().toString().endsWith(".cq4"))
              .sorted()
              .findFirst()
              .orElseThrow();
    }
    flipBitOfText(segment, "the-first-value");
    assertRefused(node, 71, "log");
  }

  @Test
  void wrongOptions(@TempDir Path directory) throws Exception {
    LocalNode foreignAddress = LocalCluster.of(1, directory).nodes.getFirst();
    foreignAddress.argument("--unheard-of", "1");
    assertRefused(foreignAddress, 2, "--unheard-of");
    LocalNode notLoopback = new LocalNode("n1", 1, 2, directory);
    notLoopback.cluster("n1=192.0.2.1:8500");
    assertRefused(notLoopback, 2, "loopback");
    LocalNode notNamed = new LocalNode("n9", 8401, 8501, directory);
    notNamed.cluster("n1=127.0.0.1:8500");
    assertRefused(notNamed, 2, "n9");
  }

  /** One that was stopped; tests harm copies of its data. */
  private static LocalNode stopped;

  @BeforeAll
  static void stoppedNodeWithData(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.started(1, directory)) {
      stopped = cluster.nodes.getFirst();
      for (String key : List.of("first", "second", "third")) {
        Http.Answer answer =
            Http.send(
                "PUT",
                stopped.uri("/v1/kv/" + key),
                "the-" + key + "-value",
                Duration.ofSeconds(10));
        assertEquals(201, answer.status());
      }
      stopped.signal("TERM");
      stopped.awaitExit(Duration.ofSeconds(5));
    }
  }

  /** The same node, at the same addresses, with a copy of its data. */
  private static LocalNode copyOfStopped(Path directory) throws IOException {
    LocalNode copy = new LocalNode(stopped.id, stopped.clientPort, stopped.peerPort, directory);
    copy.cluster(stopped.cluster());
    try (Stream<Path> files = Files.walk(stopped.data)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.data.resolve(stopped.data.relativize(file).toString()));
      }
    }
    return copy;
  }

  private static void flipBitOfText(Path file, String text) throws Exception {
    String content = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    int at = content.indexOf(text);
    assertTrue(at > 0, "the value stands in the segment");
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(at);
      int before = access.read();
      access.seek(at);
      access.write(before ^ 0x10);
    }
  }

  private static void assertRefused(LocalNode node, int status, String says) throws Exception {
    node.start();
    try {
      assertEquals(status, node.awaitExit(START), node::logTail);
      String last = node.logText().strip().lines().reduce((a, b) -> b).orElse("");
      assertTrue(
          last.contains(says), () -> "the last line says '" + says + "':\n" + node.logTail());
    } finally {
      if (node.alive()) {
        node.kill9();
      }
    }
  }
}
