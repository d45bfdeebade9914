package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Unmodified Patroni keeps two PostgreSQL servers available on three Lockstep nodes, by etcd's
 * gateway: through a switchover and {@code kill -9} of Lockstep's leader, of the primary and of all
 * Lockstep nodes, no acknowledged row is lost and there are never two primaries that take writes.
 *
 * <p>{@code -Dpatroni.rounds=5} does it more often, {@code -Dpatroni.ttl=30 -Dpatroni.loopWait=10
 * -Dpatroni.retryTimeout=10} with Patroni's own times, {@code -Dpatroni.useProxies=true} with the
 * nodes that Patroni was given instead of those that Lockstep names. How long a failover took is
 * printed.
 */
class PatroniIT {
  private static final int ROUNDS = Integer.getInteger("patroni.rounds", 1);
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String LEADER = "%2Fservice%2F" + PatroniNode.SCOPE + "%2Fleader";

  /** How much earlier a lease may seem to end: the last entry is a little older than the look. */
  private static final Duration EARLY_MAX = Duration.ofMillis(500);

  private final PatroniTimes times = PatroniTimes.ofProperties();
  private final AtomicLong numbers = new AtomicLong();
  private final Queue<RowWriter.Row> acknowledged = new ConcurrentLinkedQueue<>();
  private final List<PatroniNode> servers = new ArrayList<>();
  private final List<RowWriter> writers = new ArrayList<>();
  private LocalCluster lockstep;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    PatroniNode.requireAll();
    lockstep = LocalCluster.started(3, directory);
    String hosts =
        lockstep.nodes.stream()
            .map(node -> "127.0.0.1:" + node.clientPort)
            .collect(Collectors.joining(","));
    Path given = PatroniNode.given(directory);
    for (String name : List.of("pg1", "pg2")) {
      servers.add(new PatroniNode(name, times, hosts, given));
    }
    for (PatroniNode server : servers) {
      server.start();
    }
    Awaitility.await("one of them leads")
        .atMost(PATIENCE)
        .pollInterval(PatroniNode.LOOK)
        .until(() -> servers.stream().anyMatch(server -> server.is("primary")));
    PatroniNode first = primary();
    other(first).await("synchronous", PATIENCE);
    RowWriter.ask(first, "CREATE TABLE rows (n bigint PRIMARY KEY, line text)");
  }

  @AfterEach
  void stop() throws Exception {
    writers.forEach(RowWriter::close);
    for (PatroniNode server : servers) {
      server.kill9();
    }
    if (lockstep != null) {
      lockstep.close();
    }
  }

  @Test
  void noRowIsLostAndThereIsOnePrimary() throws Exception {
    servers.forEach(server -> writers.add(new RowWriter(server, numbers, acknowledged)));
    awaitMoreRows("the beginning");
    for (int round = 0; round < ROUNDS; round++) {
      switchover();
      lockstepsLeaderFalls();
      thePrimaryFalls();
      allOfLockstepFalls();
    }
    writers.forEach(RowWriter::close);
    SortedSet<Long> there = new TreeSet<>();
    RowWriter.ask(primary(), "SELECT n FROM rows").forEach(row -> there.add(Long.valueOf(row)));
    List<Long> lost =
        acknowledged.stream().map(RowWriter.Row::number).filter(n -> !there.contains(n)).toList();
    assertEquals(List.of(), lost, "rows that were acknowledged and are not there");
    assertOnePrimary(List.copyOf(acknowledged));
    System.out.println("patroni: " + acknowledged.size() + " rows acknowledged, none lost");
  }

  private void switchover() throws Exception {
    PatroniNode old = primary();
    PatroniNode next = other(old);
    old.switchover(next);
    next.await("primary", PATIENCE);
    awaitMoreRows("a switchover");
  }

  private void lockstepsLeaderFalls() throws Exception {
    PatroniNode primary = primary();
    String before = timeline(primary);
    LocalNode leader = lockstep.leader();
    leader.kill9();
    awaitMoreRows("the fall of Lockstep's leader");
    leader.start().awaitReady(PATIENCE);
    other(primary).await("synchronous", PATIENCE);
    assertEquals(before, timeline(primary), "the primary stayed who it was");
  }

  private void thePrimaryFalls() throws Exception {
    PatroniNode fallen = primary();
    LocalNode asked = lockstep.leader();
    CompletableFuture<Long> end = leadersEnd(asked);
    long killed = System.nanoTime();
    fallen.kill9();
    // What is left of a lease is told as of the last entry: this is one.
    Kv.at(asked).write("now", "");
    long from = System.nanoTime();
    Http.Answer lease = Http.get(asked.uri("/v1/leases/" + leadersLease(asked)), PATIENCE);
    long left = lease.number("expires_in_ms") * 1_000_000;
    assertTrue(left > 0, () -> "the lease outlives its holder: " + lease);
    long ended = end.join();
    PatroniNode next = other(fallen);
    next.await("primary", PATIENCE);
    awaitMoreRows("the fall of the primary");
    System.out.printf(
        "patroni: failover, ttl %d s: the leader's key went %d ms after its lease's ttl, %d ms"
            + " after the kill; the first row came %d ms later%n",
        times.ttl(),
        (ended - from - left) / 1_000_000,
        (ended - killed) / 1_000_000,
        (firstRowOf(next, ended) - ended) / 1_000_000);
    assertTrue(ended >= from + left - EARLY_MAX.toNanos(), "a lease never ends before its time");
    fallen.start();
    fallen.await("synchronous", PATIENCE);
  }

  private void allOfLockstepFalls() throws Exception {
    for (LocalNode node : lockstep.nodes) {
      node.kill9();
    }
    lockstep.startAll();
    awaitMoreRows("the fall of all of Lockstep");
    // A primary that cannot renew its key for too long steps down by itself, after rows that came
    // yet.
    Awaitility.await("a primary, and the other behind it")
        .atMost(PATIENCE)
        .until(
            () ->
                servers.stream()
                    .anyMatch(server -> server.is("primary") && other(server).is("synchronous")));
  }

  /** When the leader's key is gone. */
  private static CompletableFuture<Long> leadersEnd(LocalNode node) throws IOException {
    long from = Http.get(node.uri("/v1/kv/" + LEADER), PATIENCE).number("mod_revision") + 1;
    WatchStream watch = new WatchStream(node, LEADER, from, (int) PATIENCE.toMillis());
    return CompletableFuture.supplyAsync(
        () -> {
          try (watch) {
            WatchStream.Line line = watch.next();
            while (line != null && !line.toString().contains("expire")) {
              line = watch.next();
            }
            return System.nanoTime();
          } catch (IOException e) {
            throw new AssertionError("the watch ended", e);
          }
        },
        Executors.newVirtualThreadPerTaskExecutor());
  }

  private static String leadersLease(LocalNode node) {
    return Http.get(node.uri("/v1/kv/" + LEADER), PATIENCE).text("lease");
  }

  private long firstRowOf(PatroniNode server, long since) {
    return acknowledged.stream()
        .filter(row -> row.server().equals(server.name) && row.end() > since)
        .mapToLong(RowWriter.Row::end)
        .min()
        .orElseThrow();
  }

  private PatroniNode primary() {
    return servers.stream()
        .filter(server -> server.is("primary"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no primary\n" + logs()));
  }

  private PatroniNode other(PatroniNode server) {
    return server == servers.getFirst() ? servers.getLast() : servers.getFirst();
  }

  private static String timeline(PatroniNode server) throws Exception {
    return RowWriter.ask(server, "SELECT " + RowWriter.TIMELINE).getFirst();
  }

  /** Waits until some more rows are acknowledged that were sent after now. */
  private void awaitMoreRows(String after) {
    long now = System.nanoTime();
    try {
      Awaitility.await("rows after " + after)
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> acknowledged.stream().filter(row -> row.begin() > now).count() >= 20);
    } catch (ConditionTimeoutException late) {
      throw new AssertionError(late.getMessage() + "\n" + logs(), late);
    }
  }

  /**
   * Each promotion begins a timeline of PostgreSQL: each has one server only, and once a row of a
   * later one was acknowledged, no server takes a row into an earlier one any more.
   */
  private static void assertOnePrimary(List<RowWriter.Row> rows) {
    SortedMap<String, String> primaries = new TreeMap<>();
    for (RowWriter.Row row : rows) {
      String other = primaries.putIfAbsent(row.timeline(), row.server());
      assertTrue(other == null || other.equals(row.server()), () -> "two primaries: " + row);
    }
    List<RowWriter.Row> byBegin = new ArrayList<>(rows);
    byBegin.sort(Comparator.comparingLong(RowWriter.Row::begin));
    List<RowWriter.Row> byEnd = new ArrayList<>(rows);
    byEnd.sort(Comparator.comparingLong(RowWriter.Row::end));
    String latest = "";
    int ended = 0;
    for (RowWriter.Row row : byBegin) {
      for (; byEnd.get(ended).end() < row.begin(); ended++) {
        String timeline = byEnd.get(ended).timeline();
        latest = timeline.compareTo(latest) > 0 ? timeline : latest;
      }
      String before = latest;
      assertTrue(row.timeline().compareTo(before) >= 0, () -> row + " came after one of " + before);
    }
  }

  private String logs() {
    return servers.stream().map(PatroniNode::logTail).collect(Collectors.joining("\n"))
        + "\n"
        + lockstep.logs();
  }
}
