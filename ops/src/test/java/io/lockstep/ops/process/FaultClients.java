package io.lockstep.ops.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/** The clients of one run: their names, keys and locks are the run's own. */
final class FaultClients implements AutoCloseable {
  private static final int REGISTERS = 4;
  private static final int COUNTERS = 2;
  private static final int LOCKERS = 2;
  private static final int WATCHERS = 3;
  private static final Duration BOUND = Duration.ofSeconds(60);

  final History history = new History();
  private final Supplier<List<LocalNode>> nodes;
  private final String prefix;
  private final long seed;
  private final CountDownLatch writersStop = new CountDownLatch(1);
  private final CountDownLatch watchersStop = new CountDownLatch(1);
  private final List<Thread> writers = new ArrayList<>();
  private final List<Thread> watching = new ArrayList<>();
  private final List<WatchingClient> watchers = new ArrayList<>();

  /**
   * Starts them.
   *
   * @param name of the run, which no other run on the cluster has
   */
  FaultClients(Supplier<List<LocalNode>> nodes, String name, long seed) {
    this.nodes = nodes;
    this.prefix = name + "/";
    this.seed = seed;
    long from = mark("begin");
    AtomicLong calls = new AtomicLong();
    for (int i = 0; i < WATCHERS; i++) {
      WatchingClient watcher =
          new WatchingClient(asking(100 + i, watchersStop), name + ".w" + i, prefix, from);
      watchers.add(watcher);
      watching.add(Thread.ofVirtual().start(watcher));
    }
    for (int i = 0; i < REGISTERS; i++) {
      start(new RegisterClient(asking(i, writersStop), name + ".r" + i, prefix + "r", calls));
    }
    for (int i = 0; i < COUNTERS; i++) {
      start(new CountingClient(asking(10 + i, writersStop), name + ".c" + i, prefix + "count"));
    }
    for (int i = 0; i < LOCKERS; i++) {
      start(new LockClient(asking(20 + i, writersStop), name + ".l" + i, name, prefix + "guarded"));
    }
  }

  private void start(Runnable client) {
    writers.add(Thread.ofVirtual().start(client));
  }

  private Asking asking(int client, CountDownLatch stop) {
    return new Asking(history, nodes, stop, seed * 1_000 + client);
  }

  /** Writes a key that no other client knows of; returns its revision. */
  private long mark(String name) {
    long[] revision = new long[1];
    Awaitility.await("a write goes through")
        .atMost(BOUND)
        .until(
            () -> {
              for (LocalNode node : nodes.get()) {
                Http.Answer answer =
                    Http.send("PUT", node.uri("/v1/kv/" + prefix + name), "x", Asking.PATIENCE);
                if (answer.status() == 200 || answer.status() == 201) {
                  revision[0] = answer.number("mod_revision");
                  return true;
                }
              }
              return false;
            });
    return revision[0];
  }

  /** Waits until so many more requests were answered; returns how many that were a second. */
  long awaitAnswered(long more) {
    long before = history.answeredCount();
    long begin = System.nanoTime();
    Awaitility.await("a run counts only with " + more + " answers before and after the fault")
        .atMost(BOUND)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> history.answeredCount() >= before + more);
    double seconds = (System.nanoTime() - begin) / 1e9;
    return Math.round((history.answeredCount() - before) / seconds);
  }

  /** Stops writing, and then watching once all watchers have seen the last write. */
  void stop() throws InterruptedException {
    writersStop.countDown();
    for (Thread writer : writers) {
      writer.join();
    }
    long last = mark("end");
    Awaitility.await("watchers see the last write")
        .atMost(BOUND)
        .until(() -> watchers.stream().allMatch(watcher -> watcher.completeUpTo() >= last));
    watchersStop.countDown();
    for (Thread thread : watching) {
      thread.join();
    }
  }

  @Override
  public void close() {
    writersStop.countDown();
    watchersStop.countDown();
    writers.forEach(Thread::interrupt);
    watching.forEach(Thread::interrupt);
  }
}
