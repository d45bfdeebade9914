package io.lockstep.ops.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/**
 * An open loop of writes at a fixed rate, through the nodes that are there in turn. It waits for no
 * answer before the next write, as a service's users do not, and comes again with one that an
 * overloaded node has not begun; what it knows is when writes were acknowledged.
 */
final class SteadyWrites implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final Supplier<List<LocalNode>> nodes;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final ConcurrentSkipListMap<Long, Long> acknowledged = new ConcurrentSkipListMap<>();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final ScheduledFuture<?> ticking;

  SteadyWrites(int perSecond, Supplier<List<LocalNode>> nodes) {
    this.nodes = nodes;
    long period = TimeUnit.SECONDS.toNanos(1) / perSecond;
    ticking = clock.scheduleAtFixedRate(this::next, 0, period, TimeUnit.NANOSECONDS);
  }

  private void next() {
    long number = sent.incrementAndGet();
    List<LocalNode> there = nodes.get();
    LocalNode node = there.get((int) (number % there.size()));
    Thread.ofVirtual().start(() -> write(node, number));
  }

  private void write(LocalNode node, long number) {
    long begin = System.nanoTime();
    Http.Answer answer =
        Http.comeAgain("PUT", node.uri("/v1/kv/steady/" + number % 64), "" + number, TIMEOUT);
    if (answer.status() == 200 || answer.status() == 201) {
      long end = System.nanoTime();
      acknowledged.put(end, end - begin);
    } else {
      failures.add(node.id + ": " + answer);
    }
    answered.incrementAndGet();
  }

  /** Writes no more; returns what became of those that were not acknowledged. */
  List<String> stop() {
    ticking.cancel(false);
    Awaitility.await("all writes are answered")
        .atMost(TIMEOUT.multipliedBy(4))
        .until(() -> answered.get() == sent.get());
    return List.copyOf(failures);
  }

  /** What became of the last writes that were not acknowledged. */
  List<String> latestFailures() {
    List<String> all = List.copyOf(failures);
    return all.subList(Math.max(0, all.size() - 10), all.size());
  }

  /** Writes acknowledged so far. */
  long count() {
    if (ticking.isDone()) {
      throw new IllegalStateException("nothing is written any more", ticking.exceptionNow());
    }
    return acknowledged.size();
  }

  /** The longest time without an acknowledgement that begins in the given span. */
  Duration longestGap(long fromNanos, long toNanos) {
    List<Long> times = new ArrayList<>(acknowledged.tailMap(fromNanos).keySet());
    long longest = 0;
    for (int i = 1; i < times.size() && times.get(i - 1) <= toNanos; i++) {
      longest = Math.max(longest, times.get(i) - times.get(i - 1));
    }
    return Duration.ofNanos(longest);
  }

  /** Of the writes acknowledged in a span, 99 in a hundred took no longer; zero for none. */
  Duration p99(long fromNanos, long toNanos) {
    List<Long> times = acknowledged.subMap(fromNanos, toNanos).values().stream().sorted().toList();
    return times.isEmpty() ? Duration.ZERO : Duration.ofNanos(times.get(times.size() * 99 / 100));
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
