package io.lockstep.raft.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The applier with two real threads: one adds, one applies. */
class ApplierTest {
  private static final int BATCHES = 500;
  private static final int SPINS_MAX = 200_000;

  private final NodeFixture node = new NodeFixture();
  private final AtomicReference<Runnable> turn = new AtomicReference<>(() -> {});

  /** A loop may run a turn that finds nothing: here it does so all the time. */
  private final class EagerLoop implements Loop {
    @Override
    public void execute(Runnable task) {
      turn.set(task);
    }

    @Override
    public void executeAfter(long delayNanos, Runnable task) {}
  }

  /** What is added while a turn that found nothing is about to end must be there for the next. */
  @Test
  void whatIsAddedDuringATurnThatFoundNothingIsNotLost() throws InterruptedException {
    Loop idle = node.time.loop(Duration.ZERO);
    NodeParts<String> parts = node.parts(new NodeParts.Loops(idle, idle, new EagerLoop(), idle));
    CountDownLatch failed = new CountDownLatch(1);
    Fatal fatal =
        new Fatal((where, cause) -> node.fatal.add(cause.getMessage()), failed::countDown);
    SnapshotCounters counters = new SnapshotCounters();
    LogWriter log = new LogWriter(parts, fatal, input -> {}, () -> {});
    SnapshotTaker taker = new SnapshotTaker(parts, fatal, log, counters, input -> {});
    Applier<String> applier = new Applier<>(parts, fatal, taker, counters, input -> {});
    Thread applying =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (applier.appliedEntries() < BATCHES && failed.getCount() > 0) {
                    turn.get().run();
                  }
                });
    for (int index = 1; index <= BATCHES && failed.getCount() > 0; index++) {
      awaitApplied(applier, index - 1);
      applier.add(NodeFixture.entries(index, index, 1), List.of());
      applier.wakeUp();
    }
    applying.join();
    assertEquals(List.of(), node.fatal);
  }

  /** Spins, so as to add again just when a turn ends. What is lost shows with the next batch. */
  private static void awaitApplied(Applier<String> applier, long entries) {
    for (int spins = 0; applier.appliedEntries() < entries && spins < SPINS_MAX; spins++) {
      Thread.onSpinWait();
    }
  }
}
