package io.lockstep.raft;

import io.lockstep.raft.progress.Inflights;
import java.util.List;

/** Hands committed entries to the state machine, in order, within a window (thesis 5.3, 3.5). */
final class Applying {
  private static final int BATCHES_MAX = 64;

  private final RaftLog log;
  private final Outbox outbox;
  private final RaftOptions options;
  private final Inflights window;
  private long handedOn;
  private long readFrom;
  private boolean paused;
  private long nextDueMillis = Long.MAX_VALUE;

  Applying(RaftLog log, Outbox outbox, RaftOptions options) {
    this.log = log;
    this.outbox = outbox;
    this.options = options;
    this.window = new Inflights(BATCHES_MAX, options.applyBytesMax());
    this.handedOn = log.applied();
  }

  /** The earliest cluster time after which something falls due in what was applied. */
  long nextDueMillis() {
    return nextDueMillis;
  }

  /** Hands on what is committed, as far as the window allows. */
  void advance() {
    while (handedOn < log.committed() && !window.full() && readFrom == 0 && !paused) {
      long from = handedOn + 1;
      if (from < log.tailFirst()) {
        readFrom = from;
        long end = Math.min(log.tailFirst(), log.committed() + 1);
        outbox.add(new Effect.ReadLog(from, end, batchBytesMax()));
      } else {
        handOn(log.slice(from, log.committed() + 1, batchBytesMax()));
      }
    }
  }

  /**
   * Takes entries that were read; they are those of this log. A read for someone else may begin at
   * the same place and go on beyond what is committed.
   */
  void logRead(long from, List<Entry> entries) {
    if (readFrom == from) {
      readFrom = 0;
      long committed = log.committed() - from + 1;
      handOn(entries.size() <= committed ? entries : entries.subList(0, (int) committed));
      advance();
    }
  }

  void applied(long index, long nextDueMillis) {
    log.appliedTo(index);
    this.nextDueMillis = nextDueMillis;
    window.freeTo(index);
    advance();
  }

  /** Hands on nothing more: the state is about to be replaced. */
  void pause() {
    paused = true;
    readFrom = 0;
  }

  /** The state is that of {@code index} now; what follows is handed on again. */
  void restored(long index, long nextDueMillis) {
    paused = false;
    handedOn = index;
    this.nextDueMillis = nextDueMillis;
    window.freeTo(index);
    advance();
  }

  private void handOn(List<Entry> entries) {
    long weight = 0;
    for (Entry entry : entries) {
      weight += entry.weightBytes();
    }
    handedOn = entries.getLast().index();
    Invariant.check(
        handedOn <= log.committed(),
        "only what is committed is applied (3.5)",
        handedOn,
        log.committed());
    window.add(handedOn, weight);
    outbox.add(new Effect.Apply(entries));
  }

  private int batchBytesMax() {
    return Math.min(options.appendBytesMax(), options.applyBytesMax());
  }
}
