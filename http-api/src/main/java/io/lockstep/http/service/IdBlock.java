package io.lockstep.http.service;

import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.result.Result.IdsReserved;
import io.lockstep.kv.result.Result.IdsTaken;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a leader has reserved of one sequence and not given yet, and who waits for more. */
final class IdBlock {
  private final Deque<IdCall> waiting = new ArrayDeque<>();
  private long next;
  private long end;
  private long since;
  private long stampNext;
  private long stampEnd;

  /** Whether an entry that reserves more is under way. */
  boolean reserving;

  /** Which block it is; 0 while there is none. */
  long since() {
    return since;
  }

  Deque<IdCall> waiting() {
    return waiting;
  }

  /** Whether there are ids, and stamps from {@code stampMin} on, for {@code take}. */
  boolean has(TakeIds take, long stampMin) {
    return end - next >= take.count()
        && (!take.stamped() || stampEnd - Math.max(stampNext, stampMin) >= take.count());
  }

  /** Gives what it {@link #has}. */
  IdsTaken give(TakeIds take, long stampMin) {
    long first = next;
    next += take.count();
    if (!take.stamped()) {
      return new IdsTaken(first, next - 1, 0);
    }
    long stamp = Math.max(stampNext, stampMin);
    stampNext = stamp + take.count();
    return new IdsTaken(first, next - 1, stamp);
  }

  /** How many ids those who wait lack. */
  long lacking() {
    long wanted = 0;
    for (IdCall call : waiting) {
      wanted += call.take().count();
    }
    return Math.max(0, wanted - (end - next));
  }

  /** Up to where stamps are needed that begin at {@code stampMin}; 0 when nobody wants any. */
  long stampsWanted(long stampMin) {
    long wanted = 0;
    for (IdCall call : waiting) {
      wanted += call.take().stamped() ? call.take().count() : 0;
    }
    return wanted == 0 ? 0 : Math.max(stampNext, stampMin) + wanted;
  }

  /** More was reserved: behind what there is, or in the place of a block that is outdated. */
  void add(IdsReserved reserved) {
    boolean goesOn = reserved.since() == since;
    if (!goesOn || reserved.first() != end) {
      next = reserved.first();
    }
    if (!goesOn) {
      stampNext = reserved.stampFirst();
    }
    end = reserved.end();
    since = reserved.since();
    stampEnd = reserved.stampEnd();
  }

  /** Drops the block of {@code since}, if it is this one. */
  void outdated(long outdatedSince) {
    if (since == outdatedSince) {
      next = end;
      stampNext = stampEnd;
    }
  }
}
