package io.lockstep.ops.process;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where all that draw numbers write down whose each number is: a store of its own that knows
 * nothing of the cluster. All methods may be called from any thread.
 */
final class NumberBook {
  private final ConcurrentHashMap<Long, String> owners = new ConcurrentHashMap<>();
  private final Queue<Draw> draws = new ConcurrentLinkedQueue<>();
  private final Queue<String> twice = new ConcurrentLinkedQueue<>();
  private final AtomicLong highest = new AtomicLong();

  /** The numbers from first to last were drawn between two moments of this process's clock. */
  record Draw(long invoked, long returned, long first, long last) {}

  /** Somebody was given these numbers. */
  void drawn(Draw draw) {
    draws.add(draw);
    highest.accumulateAndGet(draw.last(), Math::max);
  }

  /** Somebody uses a number. */
  void owns(long number, String owner) {
    String other = owners.putIfAbsent(number, owner);
    if (other != null) {
      twice.add(number + " is " + other + "'s and " + owner + "'s");
    }
  }

  long drawCount() {
    return draws.size();
  }

  long usedCount() {
    return owners.size();
  }

  /** The highest number that somebody was given. */
  long highest() {
    return highest.get();
  }

  /**
   * What is wrong; empty when no number was given twice, and whoever asked after another was
   * answered was given a higher one.
   */
  List<String> violations() {
    List<String> found = new ArrayList<>(twice);
    List<Draw> byAnswer = new ArrayList<>(draws);
    byAnswer.sort(Comparator.comparingLong(Draw::returned));
    List<Draw> byCall = new ArrayList<>(draws);
    byCall.sort(Comparator.comparingLong(Draw::invoked));
    long highestBefore = 0;
    int answered = 0;
    for (Draw draw : byCall) {
      while (byAnswer.get(answered).returned() < draw.invoked()) {
        highestBefore = Math.max(highestBefore, byAnswer.get(answered).last());
        answered++;
      }
      if (draw.first() <= highestBefore) {
        found.add(draw + " after somebody was given " + highestBefore);
      }
    }
    return found;
  }
}
