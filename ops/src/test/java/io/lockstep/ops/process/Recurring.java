package io.lockstep.ops.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Something that is done again and again until the fault that it makes is healed. */
final class Recurring {
  private final CountDownLatch ended = new CountDownLatch(1);
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  /** One round of it; {@link Recurring#pause} lets time pass in it. */
  interface Round {
    void run(Recurring recurring) throws Exception;
  }

  static Recurring start(String name, Round round) {
    Recurring recurring = new Recurring();
    Thread.ofPlatform().name(name).daemon().start(() -> recurring.run(round));
    return recurring;
  }

  private void run(Round round) {
    try {
      while (ended.getCount() > 0) {
        round.run(this);
      }
      done.complete(null);
    } catch (Exception | AssertionError failed) {
      done.completeExceptionally(failed);
    }
  }

  /** Lets some time pass, unless it is over; returns whether it goes on. */
  boolean pause(long millis) throws InterruptedException {
    return !ended.await(millis, TimeUnit.MILLISECONDS);
  }

  /** Returns when the last round has ended. */
  void end() throws Exception {
    ended.countDown();
    done.get(60, TimeUnit.SECONDS);
  }
}
