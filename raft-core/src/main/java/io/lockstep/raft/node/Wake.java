package io.lockstep.raft.node;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sees to it that a task runs on its loop after something was put where the task will find it:
 * once, however often it is woken before it begins. So a loop holds at most one turn of each part.
 */
final class Wake {
  private final Loop loop;
  private final Runnable task;
  private final Runnable turn = this::run;
  private final AtomicBoolean due = new AtomicBoolean();

  Wake(Loop loop, Runnable task) {
    this.loop = loop;
    this.task = task;
  }

  /** Callable from any thread, after what the task shall see was made visible. */
  void up() {
    if (!due.get() && due.compareAndSet(false, true)) {
      loop.execute(turn);
    }
  }

  private void run() {
    due.set(false);
    task.run();
  }
}
