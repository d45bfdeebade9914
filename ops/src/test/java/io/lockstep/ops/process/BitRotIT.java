package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * One node's disk rots while the node is down and the others go on under load: it is brought up by
 * them, or refuses to start, and nothing acknowledged is lost.
 */
@Execution(ExecutionMode.SAME_THREAD)
class BitRotIT {
  private static final int SNAPSHOT_ENTRIES = 1_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Some 400 writes a second: what is brought up wants the processor, too. */
  private static final long WRITE_PAUSE_MILLIS = 20;

  /** What a record of the log begins with. */
  private static final int RECORD = 0x4C534A31;

  /** Harms what a node has on its disk. */
  @FunctionalInterface
  private interface Harm {
    void to(LocalNode node) throws IOException;
  }

  @Test
  void whatOneDiskLosesItsPeersReplace(@TempDir Path directory) throws Exception {
    LocalCluster laidOut = LocalCluster.of(3, directory);
    for (LocalNode node : laidOut.nodes) {
      node.argument("--snapshot-entries", Integer.toString(SNAPSHOT_ENTRIES));
      node.argument("--segment-mib", "12");
    }
    try (LocalCluster cluster = laidOut) {
      cluster.startAll();
      try (AckedWriters writers = new AckedWriters(cluster, 8, WRITE_PAUSE_MILLIS)) {
        awaitWrites(writers, 500, cluster);
        repairs(cluster, writers, "the log is damaged", BitRotIT::flipInTheMiddle);
        repairs(cluster, writers, "the log is damaged", BitRotIT::flipInAHeader);
        repairs(cluster, writers, "the log is damaged", BitRotIT::cutASegment);
        // So many that what is before a snapshot goes.
        BulkWrites.write(cluster.nodes, 7_000, 16, 8);
        String said =
            repairs(cluster, writers, "is damaged before byte", BitRotIT::flipInASnapshot);
        assertTrue(said.contains("the log begins at entry"), "it was compacted:\n" + said);
        refusesWithoutItsVote(cluster, writers);
        writers.stop();
        cluster.awaitEqualHashes();
        for (LocalNode node : cluster.nodes) {
          assertEquals(List.of(), writers.violations(node));
        }
      }
    }
  }

  /**
   * Two of three have lost what they acknowledged: nobody leads, and nothing is made up from what
   * is left; with one of them as it was, all is there.
   */
  @Test
  void whatAMajorityLosesNobodyReplaces(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.started(3, directory)) {
      LocalNode first = cluster.nodes.getFirst();
      AckedWriters writers = new AckedWriters(cluster, 4);
      try (writers) {
        awaitWrites(writers, 200, cluster);
        writers.stop();
      }
      for (LocalNode node : cluster.nodes) {
        node.kill9();
      }
      Path copy = directory.resolve("copy");
      copy(first.data, copy);
      List<LocalNode> harmed = cluster.nodes.subList(0, 2);
      for (LocalNode node : harmed) {
        flipInTheMiddle(node);
      }
      for (LocalNode node : cluster.nodes) {
        node.start();
      }
      for (LocalNode node : harmed) {
        Awaitility.await(node.id + " says that it is under repair")
            .atMost(PATIENCE)
            .until(() -> ready(node).body().contains("repairing"));
        assertEquals(503, ready(node).status());
      }
      Http.Answer write = Http.send("PUT", first.uri("/v1/kv/other"), "x", Duration.ofSeconds(20));
      assertEquals(503, write.status(), write::body);
      for (LocalNode node : cluster.nodes) {
        assertEquals("", Http.get(node.uri("/v1/cluster"), PATIENCE).text("leader"), node.id);
      }
      first.kill9();
      delete(first.data);
      copy(copy, first.data);
      first.start();
      cluster.startAll();
      cluster.awaitEqualHashes();
      for (LocalNode node : cluster.nodes) {
        assertEquals(List.of(), writers.violations(node));
        assertEquals(0, Figures.of(node, "lockstep_raft_repairing"));
      }
    }
  }

  private static Http.Answer ready(LocalNode node) {
    return Http.get(node.uri("/readyz?verbose"), Duration.ofSeconds(5));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  private static void delete(Path place) throws IOException {
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.toList().reversed()) {
        Files.delete(file);
      }
    }
  }

  /** A follower goes down, its disk is harmed, and it comes back among writes. */
  private static String repairs(LocalCluster cluster, AckedWriters writers, String found, Harm harm)
      throws Exception {
    LocalNode node = cluster.except(cluster.leader()).getFirst();
    awaitWrites(writers, 200, cluster);
    node.kill9();
    harm.to(node);
    int said = node.logText().length();
    node.start().awaitReady(PATIENCE);
    Awaitility.await(node.id + " has regained what it lost")
        .atMost(PATIENCE)
        .until(() -> Figures.of(node, "lockstep_raft_repairing") == 0);
    String log = node.logText().substring(said);
    assertTrue(log.contains(found), () -> "it says that '" + found + "':\n" + log);
    boolean lost = log.contains("takes part in no election");
    assertEquals(lost, log.contains("takes part in elections again"), log);
    assertTrue(Figures.of(node, "lockstep_storage_damages_total") > 0);
    awaitWrites(writers, 200, cluster);
    return log;
  }

  /** A vote that is lost could be given twice: nothing is made up in its place. */
  private static void refusesWithoutItsVote(LocalCluster cluster, AckedWriters writers)
      throws Exception {
    LocalNode node = cluster.except(cluster.leader()).getFirst();
    node.kill9();
    Path vote = node.data.resolve("hard-state");
    byte[] whole = Files.readAllBytes(vote);
    flip(vote, whole.length - 1);
    node.start();
    assertEquals(71, node.awaitExit(PATIENCE), node::logTail);
    String last = node.logText().strip().lines().reduce((a, b) -> b).orElse("");
    assertTrue(last.contains("hard-state") && last.contains("replace this member"), last);
    awaitWrites(writers, 200, cluster);
    Files.write(vote, whole);
    node.start().awaitReady(PATIENCE);
  }

  private static void flipInTheMiddle(LocalNode node) throws IOException {
    Path segment = fullest(node);
    List<Integer> records = records(segment);
    flip(segment, records.get(records.size() / 2) + 40);
  }

  private static void flipInAHeader(LocalNode node) throws IOException {
    Path segment = fullest(node);
    flip(segment, records(segment).getFirst() + 40);
  }

  private static void cutASegment(LocalNode node) throws IOException {
    Path segment = fullest(node);
    List<Integer> records = records(segment);
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
      file.setLength(records.get(records.size() / 2));
    }
  }

  private static void flipInASnapshot(LocalNode node) throws IOException {
    Path snapshot = files(node.data.resolve("snapshots"), ".snapshot").getLast();
    flip(snapshot, Files.size(snapshot) / 2);
  }

  /** The segment with the most records; others come after it or were before. */
  private static Path fullest(LocalNode node) throws IOException {
    Path fullest = null;
    int most = 0;
    for (Path segment : files(node.data.resolve("log"), ".cq4")) {
      int count = records(segment).size();
      if (count > most) {
        most = count;
        fullest = segment;
      }
    }
    assertTrue(most > 20, "a segment with something in it");
    return fullest;
  }

  private static List<Path> files(Path place, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(place)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static List<Integer> records(Path segment) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(segment));
    List<Integer> places = new ArrayList<>();
    for (int at = 0; at + Integer.BYTES <= bytes.limit(); at++) {
      if (bytes.getInt(at) == RECORD) {
        places.add(at);
      }
    }
    return places;
  }

  private static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(at);
      int before = access.read();
      access.seek(at);
      access.write(before ^ 0x10);
    }
  }

  private static void awaitWrites(AckedWriters writers, int count, LocalCluster cluster) {
    long goal = writers.acknowledged() + count;
    Awaitility.await("writes go on\n" + cluster.logs())
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> writers.acknowledged() >= goal);
  }
}
