package io.lockstep.ops.process;

import io.lockstep.raft.sim.check.Violation;
import io.lockstep.raft.sim.check.WatchCompleteness.Frame;
import io.lockstep.raft.sim.check.WatchCompleteness.Watcher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A client that watches a prefix and goes on at another node after the last revision that it saw:
 * when its connection breaks, when nothing comes for a while, and now and then for no reason.
 */
final class WatchingClient implements Runnable {
  private static final int SILENCE_MILLIS_MAX = 2_000;

  private final Asking asking;
  private final String name;
  private final String prefix;
  private final long from;
  private final List<Frame> frames = new ArrayList<>();
  private final AtomicLong completeUpTo = new AtomicLong();
  private boolean gap;

  WatchingClient(Asking asking, String name, String prefix, long from) {
    this.asking = asking;
    this.name = name;
    this.prefix = prefix;
    this.from = from;
    completeUpTo.set(from - 1);
  }

  /** Up to this revision the watcher has seen all. */
  long completeUpTo() {
    return completeUpTo.get();
  }

  @Override
  public void run() {
    try {
      while (!asking.isStopped() && !gap) {
        watch(asking.node());
        asking.pause(20);
      }
      asking.history.add(
          new Watcher(
              name,
              from,
              change -> change.contains(" " + prefix),
              List.copyOf(frames),
              completeUpTo.get()));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads until something breaks. */
  private void watch(LocalNode node) {
    try (WatchStream stream =
        new WatchStream(node, prefix, completeUpTo.get() + 1, SILENCE_MILLIS_MAX)) {
      WatchStream.Line line = stream.next();
      while (line != null && !asking.isStopped() && asking.random.nextInt(300) != 0) {
        hear(line);
        line = stream.next();
      }
    } catch (IOException broken) {
      // Then the next node goes on where this one ended.
    }
  }

  private void hear(WatchStream.Line line) {
    switch (line) {
      case WatchStream.Line.Changes changes -> {
        frames.add(changes.frame());
        completeUpTo.accumulateAndGet(changes.frame().revision(), Math::max);
      }
      case WatchStream.Line.Progress progress ->
          completeUpTo.accumulateAndGet(progress.revision(), Math::max);
      case WatchStream.Line.Gap missing -> gap(missing.text());
      case WatchStream.Line.Other other -> {}
    }
  }

  private void gap(String what) {
    gap = true;
    asking.history.report(new Violation("a watcher that keeps up sees no gap", name + " " + what));
  }
}
