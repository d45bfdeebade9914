package io.lockstep.raft.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadLoopTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();
  private final ThreadLoop loop =
      new ThreadLoop("loop-test", this::now, (where, cause) -> fatal.add(where + cause));

  /** While not 0, the clock stands still there. */
  private volatile long frozenAt;

  private long now() {
    return frozenAt != 0 ? frozenAt : System.nanoTime();
  }

  @AfterEach
  void stop() throws InterruptedException {
    loop.stop();
    assertTrue(loop.awaitEnd(LONG));
  }

  @Test
  void runsTheTasksOfEachThreadInOrderOnItsOwnThread() throws InterruptedException {
    int producers = 4;
    int tasks = 10_000;
    int[] next = new int[producers];
    AtomicInteger outOfOrder = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(producers);
    loop.start();
    for (int p = 0; p < producers; p++) {
      int producer = p;
      Thread.ofPlatform()
          .start(
              () -> {
                for (int i = 0; i < tasks; i++) {
                  int number = i;
                  awaitShortQueue();
                  loop.execute(
                      () -> {
                        boolean right =
                            next[producer]++ == number
                                && Thread.currentThread().getName().equals("loop-test");
                        outOfOrder.addAndGet(right ? 0 : 1);
                        if (number == tasks - 1) {
                          done.countDown();
                        }
                      });
                }
              });
    }
    assertTrue(done.await(60, TimeUnit.SECONDS), "a task was lost or a wake-up missed");
    assertEquals(0, outOfOrder.get());
    assertEquals(List.of(), List.copyOf(fatal));
  }

  private void awaitShortQueue() {
    while (loop.queued() > 1_000) {
      Thread.onSpinWait();
    }
  }

  @Test
  void wakesForASingleTaskEachTime() throws InterruptedException {
    loop.start();
    for (int i = 0; i < 2_000; i++) {
      CountDownLatch done = new CountDownLatch(1);
      loop.execute(done::countDown);
      assertTrue(done.await(20, TimeUnit.SECONDS), "task " + i);
    }
  }

  @Test
  void timersRunInTheOrderOfTheirTimesAndNeverEarly() {
    List<String> order = new ArrayList<>();
    List<String> early = new ArrayList<>();
    AtomicInteger ran = new AtomicInteger();
    long begin = System.nanoTime();
    frozenAt = begin;
    for (int millis : new int[] {30, 10, 20, 10}) {
      String name = Integer.toString(millis);
      loop.executeAfter(
          TimeUnit.MILLISECONDS.toNanos(millis),
          () -> {
            order.add(name);
            if (System.nanoTime() - begin < TimeUnit.MILLISECONDS.toNanos(millis)) {
              early.add(name);
            }
            ran.incrementAndGet();
          });
    }
    frozenAt = 0;
    loop.start();
    await().atMost(LONG).until(() -> ran.get() == 4);
    assertEquals(List.of("10", "10", "20", "30"), order);
    assertEquals(List.of(), early);
  }

  @Test
  void aTimerSetOnTheLoopRuns() {
    AtomicInteger ticks = new AtomicInteger();
    loop.start();
    loop.execute(() -> tick(ticks));
    await().atMost(LONG).until(() -> ticks.get() >= 20);
  }

  private void tick(AtomicInteger ticks) {
    ticks.incrementAndGet();
    loop.executeAfter(TimeUnit.MILLISECONDS.toNanos(1), () -> tick(ticks));
  }

  @Test
  void aTaskThatThrowsEndsTheLoopAndIsReported() throws InterruptedException {
    AtomicInteger after = new AtomicInteger();
    loop.start();
    loop.execute(
        () -> {
          throw new IllegalStateException("a bug");
        });
    loop.execute(after::incrementAndGet);
    assertTrue(loop.awaitEnd(LONG));
    assertEquals(1, fatal.size());
    assertTrue(fatal.peek().contains("a bug"), fatal.peek());
    assertEquals(0, after.get());
  }

  @Test
  void aStoppedLoopRunsNothingMore() throws InterruptedException {
    AtomicInteger ran = new AtomicInteger();
    loop.start();
    loop.execute(loop::stop);
    loop.execute(ran::incrementAndGet);
    assertTrue(loop.awaitEnd(LONG));
    loop.execute(ran::incrementAndGet);
    assertEquals(0, ran.get());
    assertFalse(loop.queued() == 0);
  }

  @Test
  void aQueueThatGrowsBeyondItsBoundIsReportedOnce() {
    for (int i = 0; i < (1 << 16) + 10; i++) {
      loop.execute(() -> {});
    }
    assertEquals(1, fatal.size());
    assertTrue(fatal.peek().contains("tasks wait"), fatal.peek());
    assertEquals(1 << 16, loop.queued());
    loop.start();
  }
}
