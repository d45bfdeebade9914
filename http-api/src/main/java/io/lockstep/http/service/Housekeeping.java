package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Request;
import io.lockstep.raft.RaftStatus;
import java.util.concurrent.TimeUnit;

/**
 * What a node does without being asked: tells where clients reach it, and as leader gives a new
 * cluster its quota, has the past compacted, and notices that nothing is committed any more. Runs
 * on the service loop.
 */
final class Housekeeping {
  private static final long SMALL_COMPACTION = 100;
  private static final long SMALL_COMPACTION_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final CoordinatorParts parts;
  private final CoordinatorOptions options;
  private final Routing routing;
  private final Admission admission;
  private final String principal;
  private final Announcement announcement;
  private boolean busy;
  private long compactedAtNanos;
  private long commitSeen;
  private long commitSeenAtNanos;

  Housekeeping(
      CoordinatorParts parts,
      CoordinatorOptions options,
      Routing routing,
      Admission admission,
      String principal) {
    this.parts = parts;
    this.options = options;
    this.routing = routing;
    this.admission = admission;
    this.principal = principal;
    this.announcement = new Announcement(parts, routing, principal);
    this.compactedAtNanos = parts.clock().nanoTime();
    this.commitSeenAtNanos = compactedAtNanos;
  }

  void start() {
    long period = TimeUnit.MILLISECONDS.toNanos(options.housekeepingMillis());
    parts.service().executeAfter(period, this::turn);
  }

  private void turn() {
    if (admission.isShuttingDown()) {
      return;
    }
    RaftStatus status = parts.raft().status();
    long now = parts.clock().nanoTime();
    admission.stalled(status.isLeader() && nothingMoves(status, now));
    KvView view = parts.views().get();
    boolean upToDate =
        status.firstIndexOfTerm() > 0 && view.appliedIndex() >= status.firstIndexOfTerm();
    if (status.isLeader() && upToDate && !busy) {
      tidy(view, now);
    }
    if (view.appliedIndex() >= status.commitIndex()) {
      announcement.turn(status, view, now);
    }
    start();
  }

  private boolean nothingMoves(RaftStatus status, long now) {
    if (status.commitIndex() != commitSeen || status.lastLog().index() <= status.commitIndex()) {
      commitSeen = status.commitIndex();
      commitSeenAtNanos = now;
    }
    return now - commitSeenAtNanos > TimeUnit.MILLISECONDS.toNanos(options.stallMillisMax());
  }

  private void tidy(KvView view, long now) {
    if (view.limits().quotaBytes() == 0 && parts.quotaBytes() > 0) {
      propose(new Command.SetLimits(view.limits().withQuotaBytes(parts.quotaBytes())), now);
      return;
    }
    long due = view.compactionTarget() - view.compactedRevision();
    boolean longAgo = now - compactedAtNanos > SMALL_COMPACTION_NANOS;
    if (due >= SMALL_COMPACTION || due > 0 && longAgo) {
      compactedAtNanos = now;
      propose(new Command.Compact(view.compactionTarget()), now);
    }
  }

  private void propose(Command command, long now) {
    busy = true;
    routing.submitAlways(
        new Request(principal, null, command),
        now + TimeUnit.SECONDS.toNanos(1),
        answer -> parts.service().execute(() -> busy = false));
  }
}
