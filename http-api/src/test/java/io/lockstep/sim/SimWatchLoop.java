package io.lockstep.sim;

import io.lockstep.http.watch.WatchLoop;
import io.lockstep.raft.node.Loop;
import io.lockstep.raft.node.NodeClock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The thread of a node's hub, in the simulator. */
final class SimWatchLoop implements WatchLoop {
  private static final long SWEEP_NANOS = 100_000_000;
  private static final int LOST_EACH = 200;

  private final Loop loop;
  private final NodeClock clock;
  private final boolean losesWakeups;
  private Runnable hubsTurn = () -> {};
  private LongConsumer hubsSweep = now -> {};
  private int wakeups;

  SimWatchLoop(Loop loop, NodeClock clock, @Nullable SystemBug bug) {
    this.loop = loop;
    this.clock = clock;
    this.losesWakeups = bug == SystemBug.HUB_LOSES_A_WAKEUP;
  }

  @Override
  public void attach(Runnable turn, LongConsumer sweep, Runnable closing) {
    hubsTurn = turn;
    hubsSweep = sweep;
    sweepLater();
  }

  private void sweepLater() {
    loop.executeAfter(
        SWEEP_NANOS,
        () -> {
          hubsSweep.accept(clock.nanoTime());
          sweepLater();
        });
  }

  @Override
  public void wake() {
    if (!losesWakeups || ++wakeups % LOST_EACH != 0) {
      loop.execute(hubsTurn);
    }
  }
}
