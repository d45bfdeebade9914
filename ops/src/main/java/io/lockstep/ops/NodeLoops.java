package io.lockstep.ops;

import io.lockstep.raft.node.FatalHandler;
import io.lockstep.raft.node.NodeClock;
import io.lockstep.raft.node.ThreadLoop;
import java.util.concurrent.Executor;

/** The threads of one node, beside the event loops. */
final class NodeLoops {
  private final ThreadLoop raft;
  private final ThreadLoop log;
  private final ThreadLoop apply;
  private final ThreadLoop snapshots;
  private final ThreadLoop service;

  NodeLoops(NodeClock clock, FatalHandler fatal) {
    this.raft = new ThreadLoop("raft", clock, fatal);
    this.log = new ThreadLoop("log", clock, fatal);
    this.apply = new ThreadLoop("apply", clock, fatal);
    this.snapshots = new ThreadLoop("snapshots", clock, fatal);
    this.service = new ThreadLoop("service", clock, fatal);
  }

  void start() {
    raft.start();
    log.start();
    apply.start();
    snapshots.start();
    snapshots.execute(BackgroundPriority::lower);
    service.start();
  }

  void stop() {
    service.stop();
    snapshots.stop();
    apply.stop();
    log.stop();
    raft.stop();
  }

  ThreadLoop raft() {
    return raft;
  }

  ThreadLoop log() {
    return log;
  }

  ThreadLoop apply() {
    return apply;
  }

  /** Owns the snapshot files, and hashes the state: behind all others where cores are short. */
  ThreadLoop snapshots() {
    return snapshots;
  }

  ThreadLoop service() {
    return service;
  }

  /** Runs long work on the disk, such as making the next log segment, one thread a task. */
  static Executor bulk() {
    return task -> Thread.ofPlatform().daemon().name("bulk").start(task);
  }
}
