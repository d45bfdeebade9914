package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.peer.LinkProxy;
import io.lockstep.raft.peer.LinkProxy.Way;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Story 13, with snapshots: a new node is brought up under load over a bad link, one that was away
 * for too long comes back, and one is killed again and again while it is brought up. {@code
 * -Dstories.rate=1000 -Dstories.rounds=50} for the full length.
 */
@Execution(ExecutionMode.SAME_THREAD)
class Story13LateFollowerIT {
  private static final int RATE = Integer.getInteger("stories.rate", 200);
  private static final int ROUNDS = Integer.getInteger("stories.rounds", 2);
  private static final int SNAPSHOT_ENTRIES = 1_000;

  /** What a leader keeps behind a snapshot, and what may come before the next one. */
  private static final int KEPT_ENTRIES = 5_000 + 2 * SNAPSHOT_ENTRIES;

  private static final int KEYS = 1_000;
  private static final int VALUE_BYTES = 8_192;
  private static final int SEGMENT_MEBIBYTES = 12;

  /** The state of some 8 MiB takes about two seconds. */
  private static final int NARROW = 4 << 20;

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static FaultyCluster cluster;

  private final CountDownLatch never = new CountDownLatch(1);
  private final Random random = new Random(13);

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    cluster = FaultyCluster.of(3, directory, 13);
    cluster.prepareEach(
        node ->
            node.argument("--snapshot-entries", Integer.toString(SNAPSHOT_ENTRIES))
                .argument("--segment-mib", Integer.toString(SEGMENT_MEBIBYTES)));
    cluster.start();
    write(KEPT_ENTRIES);
    writeUntilCompacted(cluster.nodes, 0);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  /** Each test finds all nodes there and ready. */
  @BeforeEach
  void mend() throws IOException {
    cluster.healLinks();
    cluster.local.startAll();
  }

  /** Through the nodes that are there. */
  private static void write(int count) throws InterruptedException {
    List<LocalNode> there = cluster.nodes.stream().filter(LocalNode::alive).toList();
    BulkWrites.write(there, count, KEYS, VALUE_BYTES);
  }

  /**
   * Writes on until a node whose log ends at {@code index} gets a snapshot and no entries, whoever
   * leads. How many that takes depends on how fast snapshots are taken beside the writes.
   */
  private static void writeUntilCompacted(List<LocalNode> there, long index)
      throws InterruptedException {
    Instant latest = Instant.now().plus(PATIENCE);
    while (!there.stream().allMatch(node -> firstIndex(node) > index + 1)) {
      assertTrue(Instant.now().isBefore(latest), "the logs of " + there + " are not compacted");
      write(SNAPSHOT_ENTRIES);
    }
  }

  private static long firstIndex(LocalNode node) {
    return Figures.of(node, "lockstep_raft_first_index");
  }

  private static long lastIndex() {
    return Figures.of(cluster.leader(), "lockstep_raft_last_index");
  }

  @Test
  void aNewNodeIsBroughtUpUnderLoadAndNoWriteFails() throws Exception {
    LocalNode joiner = cluster.joiner(cluster.newName());
    LinkProxy entrance = cluster.proxy(cluster.leader(), joiner);
    entrance.narrow(Way.TO_TARGET, NARROW);
    long notSent = Figures.sum(cluster.nodes, "lockstep_snapshot_not_sent_total");
    List<LocalNode> there = List.copyOf(cluster.nodes);
    try (SteadyWrites writes = new SteadyWrites(RATE, () -> there)) {
      joiner.start();
      awaitHalfReceived(joiner);
      entrance.reset();
      joiner.awaitReady(PATIENCE);
      cluster.nodes.add(joiner);
      Members.awaitVoters(joiner, cluster.nodes.stream().map(node -> node.id).toList());
      assertEquals(List.of(), writes.stop(), "no write fails");
    } finally {
      cluster.healLinks();
    }
    assertTrue(Figures.of(joiner, "lockstep_snapshot_installed_total") > 0, joiner::logTail);
    assertTrue(
        Figures.sum(there, "lockstep_snapshot_not_sent_total") > notSent,
        "the first snapshot was lost on the way");
    cluster.local.awaitEqualHashes();
    cluster.nodes.remove(joiner);
    Members.remove(cluster.nodes, joiner.id);
    joiner.kill9();
  }

  /** What shows that "no write fails" can be wrong: without a majority they do, and it is seen. */
  @Test
  void withoutAMajorityWritesFail() throws Exception {
    LocalNode alone = cluster.leader();
    for (LocalNode node : cluster.local.except(alone)) {
      node.kill9();
    }
    try (SteadyWrites writes = new SteadyWrites(RATE, () -> List.of(alone))) {
      Awaitility.await("a write fails")
          .atMost(PATIENCE)
          .until(() -> !writes.latestFailures().isEmpty());
      assertTrue(!writes.stop().isEmpty(), "and is told of at the end");
    }
  }

  /** A part of a snapshot is there, and not all. */
  private static void awaitHalfReceived(LocalNode node) {
    Awaitility.await("a snapshot is on its way")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> new File(node.data.toFile(), "snapshots/receiving.new").length() > 1 << 20);
  }

  @Test
  void aNodeThatWasAwayTooLongComesBackAndTheOthersLogsStayBounded() throws Exception {
    LocalNode away = cluster.some(1, cluster.local.except(cluster.leader())).getFirst();
    away.kill9();
    long mayHave = lastIndex();
    int missed = 2 * KEPT_ENTRIES;
    write(missed);
    writeUntilCompacted(cluster.local.except(away), mayHave);
    LocalNode leader = cluster.leader();
    File log = new File(leader.data.toFile(), "log");
    // One that is written, one that is made, and one that is only half needed.
    int bound = segments(KEPT_ENTRIES) + 3;
    assertTrue(2 * segments(KEPT_ENTRIES + missed) > 3 * bound, "else this shows nothing");
    Awaitility.await("what is behind the snapshot goes")
        .atMost(PATIENCE)
        .until(() -> Objects.requireNonNull(log.list()).length <= bound);
    away.start().awaitReady(PATIENCE);
    assertTrue(Figures.of(away, "lockstep_snapshot_installed_total") > 0, away::logTail);
    cluster.local.awaitEqualHashes();
  }

  private static int segments(int writes) {
    return 1 + (int) ((long) writes * VALUE_BYTES / (SEGMENT_MEBIBYTES << 20));
  }

  @Test
  void aNodeThatIsKilledAgainAndAgainWhileItIsBroughtUpStartsEachTime() throws Exception {
    LocalNode victim = cluster.some(1, cluster.local.except(cluster.leader())).getFirst();
    Path snapshots = victim.data.resolve("snapshots");
    int unfinished = 0;
    boolean behind = false;
    for (int round = 0; round < ROUNDS; round++) {
      if (!behind) {
        victim.kill9();
        long mayHave = lastIndex();
        write(KEPT_ENTRIES);
        writeUntilCompacted(cluster.local.except(victim), mayHave);
      }
      cluster
          .local
          .except(victim)
          .forEach(from -> cluster.proxy(from, victim).narrow(Way.TO_TARGET, NARROW));
      List<String> had = whole(snapshots);
      victim.start();
      awaitBegun(snapshots, victim);
      pass(random.nextInt(2_500));
      assertTrue(victim.alive(), () -> "it starts on what it finds\n" + victim.logTail());
      victim.kill9();
      // The disk tells, not the node: it may have installed one between an answer and its end.
      behind = whole(snapshots).equals(had);
      unfinished += unfinished(snapshots) ? 1 : 0;
      cluster.healLinks();
    }
    assertTrue(unfinished > 0, "some kill came in the middle, else this shows nothing");
    victim.start().awaitReady(PATIENCE);
    cluster.local.awaitEqualHashes();
  }

  private static void awaitBegun(Path snapshots, LocalNode node) {
    Awaitility.await("a snapshot comes in at " + node.id)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> unfinished(snapshots));
  }

  private static boolean unfinished(Path snapshots) {
    String[] names = snapshots.toFile().list();
    return names != null
        && Stream.of(names)
            .anyMatch(name -> name.equals("receiving.new") || name.endsWith(".received.new"));
  }

  /** The snapshots that count: none was installed while these stay the same. */
  private static List<String> whole(Path snapshots) {
    String[] names = snapshots.toFile().list();
    return names == null
        ? List.of()
        : Stream.of(names).filter(name -> name.endsWith(".snapshot")).sorted().toList();
  }

  private void pass(long millis) throws InterruptedException {
    if (never.await(millis, TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("nobody ends a pause early");
    }
  }
}
