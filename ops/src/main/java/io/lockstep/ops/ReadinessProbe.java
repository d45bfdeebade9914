package io.lockstep.ops;

import io.lockstep.raft.Outcome;
import io.lockstep.raft.node.Loop;
import io.lockstep.raft.node.RaftHandle;
import io.lockstep.raft.node.ReadCompletion;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Asks for a linearizable read, again and again, until one is confirmed. */
final class ReadinessProbe implements ReadCompletion {
  private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final RaftHandle<?> raft;
  private final Loop loop;
  private final CountDownLatch ready;

  ReadinessProbe(RaftHandle<?> raft, Loop loop, CountDownLatch ready) {
    this.raft = raft;
    this.loop = loop;
    this.ready = ready;
  }

  void begin() {
    raft.read(this);
  }

  @Override
  public void current(long index) {
    ready.countDown();
  }

  @Override
  public void failed(Outcome outcome) {
    loop.executeAfter(AGAIN_NANOS, this::begin);
  }
}
