package io.lockstep.ops.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writers that each own one key and write rising numbers into it, one after the other, through
 * nodes in turn. What a writer knows afterwards: the last number that was acknowledged, and the
 * highest that may have been written. A key that holds anything outside that range has lost a
 * write, or invented one.
 */
final class AckedWriters implements AutoCloseable {
  private final LocalCluster cluster;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final AtomicLong acknowledged = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private final ConcurrentSkipListMap<String, long[]> ranges = new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<String, String> complaints = new ConcurrentSkipListMap<>();

  AckedWriters(LocalCluster cluster, int writers) {
    this.cluster = cluster;
    for (int i = 0; i < writers; i++) {
      int number = i;
      threads.add(Thread.ofPlatform().name("writer-" + i).start(() -> write(number)));
    }
  }

  long acknowledged() {
    return acknowledged.get();
  }

  private void write(int writer) {
    String key = "writer/" + writer;
    long[] range = new long[2];
    ranges.put(key, range);
    int turn = writer;
    for (long value = 1; running.get(); value++) {
      List<LocalNode> there = List.copyOf(cluster.nodes);
      LocalNode node = there.get(turn % there.size());
      Http.Answer answer =
          Http.send("PUT", node.uri("/v1/kv/" + key), "" + value, Duration.ofSeconds(7));
      if (answer.status() == 200 || answer.status() == 201) {
        range[0] = value;
        range[1] = value;
        acknowledged.incrementAndGet();
      } else {
        if (!answer.notApplied()
            && answer.status() != 0
            && !"unknown".equals(answer.text("outcome"))) {
          complaints.putIfAbsent(key, answer.status() + " without an outcome: " + answer.body());
        }
        if (!answer.notApplied()) {
          range[1] = value;
        }
        turn++;
      }
    }
  }

  /** Stops writing; returns when all writers have. */
  void stop() throws InterruptedException {
    running.set(false);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /**
   * What is wrong with the keys as {@code node} reads them; empty when every acknowledged write is
   * there.
   */
  List<String> violations(LocalNode node) {
    List<String> found = new ArrayList<>(complaints.values());
    ranges.forEach(
        (key, range) -> {
          Http.Answer answer = Http.get(node.uri("/v1/kv/" + key + "?raw"), Duration.ofSeconds(10));
          long value = answer.status() == 200 ? Long.parseLong(answer.body()) : 0;
          boolean absent = answer.status() == 404;
          if (answer.status() != 200 && !absent || value < range[0] || value > range[1]) {
            found.add(
                key
                    + " on "
                    + node.id
                    + ": "
                    + answer.status()
                    + " "
                    + value
                    + ", acknowledged up to "
                    + range[0]
                    + ", tried up to "
                    + range[1]);
          }
        });
    return found;
  }

  @Override
  public void close() {
    running.set(false);
    threads.forEach(Thread::interrupt);
  }
}
