package io.lockstep.ops.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writers that each own one key and write rising numbers into it, one after the other, through
 * nodes in turn. What a writer knows afterwards: the last number that was acknowledged, and the
 * highest that may have been written. A key that holds anything outside that range has lost a
 * write, or invented one.
 */
final class AckedWriters implements AutoCloseable {
  private final LocalCluster cluster;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final long pauseNanos;
  private final AtomicLong acknowledged = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private final ConcurrentSkipListMap<String, long[]> ranges = new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<String, String> complaints = new ConcurrentSkipListMap<>();

  /** Writers that write as fast as they can. */
  AckedWriters(LocalCluster cluster, int writers) {
    this(cluster, writers, 0);
  }

  /**
   * Writers that leave the processor to what is to be seen beside them.
   *
   * @param pauseMillis of each writer between two writes
   */
  AckedWriters(LocalCluster cluster, int writers, long pauseMillis) {
    this.cluster = cluster;
    this.pauseNanos = TimeUnit.MILLISECONDS.toNanos(pauseMillis);
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
    for (long value = 1; goesOn(); value++) {
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

  /** After the pause between two writes. */
  private boolean goesOn() {
    try {
      return !stopping.await(pauseNanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  /** Stops writing; returns when all writers have. */
  void stop() throws InterruptedException {
    stopping.countDown();
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
    stopping.countDown();
    threads.forEach(Thread::interrupt);
  }
}
