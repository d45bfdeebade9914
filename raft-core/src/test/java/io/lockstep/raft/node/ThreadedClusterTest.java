package io.lockstep.raft.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Outcome;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.ThreadedCluster.Life;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * The driver on real threads: what is acknowledged is there, once, on all members, in one order.
 */
class ThreadedClusterTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicLong acknowledgedIndex = new AtomicLong();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final AtomicInteger confirmedReads = new AtomicInteger();

  @Test
  void manyClientsOnAQuietNetwork() throws InterruptedException {
    ThreadedCluster cluster = new ThreadedCluster(3, 0);
    awaitLeader(cluster);
    join(startClients(cluster, 4, 5_000, 64));
    check(cluster);
    assertTrue(acknowledged.size() > 2_000, acknowledged.size() + " acknowledged");
    assertTrue(confirmedReads.get() > 100, confirmedReads + " reads");
  }

  @Test
  void changesOfLeaderAndLossAndPowerCuts() throws InterruptedException {
    ThreadedCluster cluster = new ThreadedCluster(3, 50);
    awaitLeader(cluster);
    List<Thread> clients = startClients(cluster, 4, Integer.MAX_VALUE, 4);
    for (int round = 0; round < 8; round++) {
      int seen = acknowledged.size();
      await()
          .pollInterval(Duration.ofMillis(5))
          .atMost(LONG)
          .until(() -> acknowledged.size() > seen + 200 && cluster.leader() >= 0);
      int leader = cluster.leader();
      if (leader >= 0 && round % 2 == 0) {
        cluster.life(leader).node().transferLeadership(null);
      } else if (leader >= 0) {
        cluster.restart(leader);
      }
    }
    ending.set(true);
    join(clients);
    check(cluster);
  }

  private static void join(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      assertTrue(thread.join(Duration.ofMinutes(2)), "a client waits for ever");
    }
  }

  private List<Thread> startClients(
      ThreadedCluster cluster, int clients, int commands, int window) {
    List<Thread> threads = new ArrayList<>();
    for (int c = 0; c < clients; c++) {
      String name = "c" + c;
      threads.add(Thread.ofPlatform().start(() -> client(cluster, name, commands, window)));
    }
    return threads;
  }

  /** Keeps {@code window} commands open; each is proposed once, whatever becomes of it. */
  private void client(ThreadedCluster cluster, String name, int commands, int window) {
    Semaphore slots = new Semaphore(window);
    try {
      for (int i = 0; i < commands && !ending.get(); i++) {
        Life life = awaitLeader(cluster);
        if (slots.tryAcquire(500, TimeUnit.MILLISECONDS)) {
          life.node().propose(Bytes.utf8(name + "-" + i), new Caller(life, name + "-" + i, slots));
        } else {
          // A member that lost its power answers nothing: give up, as when a connection breaks.
          slots.release(window);
        }
        if (i % 10 == 0) {
          readSomewhere(cluster, i / 10 % cluster.size());
        }
      }
    } catch (Exception | AssertionError e) {
      wrong.add(name + " failed: " + e);
    }
  }

  private static Life awaitLeader(ThreadedCluster cluster) {
    AtomicReference<Life> found = new AtomicReference<>(cluster.leading());
    if (found.get() == null) {
      await()
          .pollInterval(Duration.ofMillis(2))
          .atMost(LONG)
          .until(
              () -> {
                found.set(cluster.leading());
                return found.get() != null;
              });
    }
    return found.get();
  }

  private final class Caller implements Completion<String> {
    private final Life life;
    private final String command;
    private final Semaphore slots;
    private final AtomicInteger answers = new AtomicInteger();
    private final long begunNanos = System.nanoTime();

    Caller(Life life, String command, Semaphore slots) {
      this.life = life;
      this.command = command;
      this.slots = slots;
    }

    @Override
    public void applied(long index, String result, Timing timing) {
      answeredOnce();
      checkTiming(timing);
      if (!result.equals(command)) {
        wrong.add(command + " got the result of " + result);
      }
      if (life.history().publishedIndex() < index) {
        wrong.add(command + " was answered before it was published");
      }
      acknowledged.add(command);
      acknowledgedIndex.accumulateAndGet(index, Math::max);
      slots.release();
    }

    @Override
    public void failed(Outcome outcome) {
      answeredOnce();
      if (!(outcome instanceof Outcome.Unknown)) {
        refused.add(command);
      }
      slots.release();
    }

    private void checkTiming(Timing timing) {
      long told = timing.queueNanos() + timing.replicateNanos() + timing.applyNanos();
      if (told > System.nanoTime() - begunNanos || timing.forceNanos() > timing.replicateNanos()) {
        wrong.add(command + " took less than " + timing);
      }
    }

    private void answeredOnce() {
      if (answers.incrementAndGet() > 1) {
        wrong.add(command + " was answered twice");
      }
    }
  }

  /** What was acknowledged before the read was asked for is published where it is answered. */
  private void readSomewhere(ThreadedCluster cluster, int member) {
    Life life = cluster.lifeNow(member);
    if (life == null) {
      return;
    }
    long before = acknowledgedIndex.get();
    life.node()
        .read(
            new ReadCompletion() {
              @Override
              public void current(long index) {
                confirmedReads.incrementAndGet();
                if (index < before || life.history().publishedIndex() < index) {
                  wrong.add("stale: " + index + " before " + before);
                }
              }

              @Override
              public void failed(Outcome outcome) {
                if (outcome instanceof Outcome.Unknown) {
                  wrong.add("a read is not unknown");
                }
              }
            });
  }

  private void check(ThreadedCluster cluster) throws InterruptedException {
    AtomicInteger number = new AtomicInteger();
    await().atMost(LONG).until(() -> proposeAndWait(cluster, "last-" + number.incrementAndGet()));
    await().atMost(LONG).until(() -> allAgree(cluster));
    cluster.end();
    assertEquals(List.of(), List.copyOf(cluster.fatal));
    assertEquals(List.of(), List.copyOf(wrong));
    List<String> history = cluster.life(0).history().all();
    for (int i = 1; i < cluster.size(); i++) {
      assertEquals(history, cluster.life(i).history().all(), "member " + i);
    }
    assertEquals(List.of(), repeated(history), "proposed once, applied once");
    assertEquals(0, missing(acknowledged, history), "acknowledged and lost");
    assertEquals(
        refused.size(), missing(refused, history), "refused and yet applied: " + refused.size());
  }

  private boolean proposeAndWait(ThreadedCluster cluster, String command)
      throws InterruptedException {
    Life life = cluster.leading();
    if (life == null) {
      return false;
    }
    Semaphore answered = new Semaphore(0);
    life.node().propose(Bytes.utf8(command), new Caller(life, command, answered));
    return answered.tryAcquire(5, TimeUnit.SECONDS) && acknowledged.contains(command);
  }

  private static boolean allAgree(ThreadedCluster cluster) {
    int most = 0;
    for (int i = 0; i < cluster.size(); i++) {
      most = Math.max(most, cluster.life(i).history().publishedSize());
    }
    for (int i = 0; i < cluster.size(); i++) {
      if (cluster.life(i).history().publishedSize() < most) {
        return false;
      }
    }
    return true;
  }

  private static List<String> repeated(List<String> history) {
    List<String> sorted = new ArrayList<>(history);
    Collections.sort(sorted);
    List<String> repeated = new ArrayList<>();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).equals(sorted.get(i - 1))) {
        repeated.add(sorted.get(i));
      }
    }
    return repeated;
  }

  private static int missing(Collection<String> commands, List<String> history) {
    List<String> sorted = new ArrayList<>(history);
    Collections.sort(sorted);
    return (int)
        commands.stream().filter(command -> Collections.binarySearch(sorted, command) < 0).count();
  }
}
