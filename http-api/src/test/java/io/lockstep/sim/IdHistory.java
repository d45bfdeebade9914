package io.lockstep.sim;

import io.lockstep.kv.result.Result.IdsTaken;
import io.lockstep.kv.watch.Event;
import io.lockstep.raft.sim.check.Violation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * All ids that clients were given, held against the contract: none twice, each greater than those
 * of every call that ended before its own began, stamps in the order of the ids, and none that the
 * log has not reserved.
 */
final class IdHistory {
  private static final String ORDER = "an id is greater than those of calls that ended before";

  private final Map<String, List<Call>> calls = new TreeMap<>();
  private final Map<String, Long> numbers = new TreeMap<>();

  /** One call over all its attempts; times are true ones. */
  private record Call(String client, long began, long ended, IdsTaken ids) {
    boolean stamped() {
      return ids.stampFirst() > 0;
    }

    long stampLast() {
      return ids.stampFirst() + ids.last() - ids.first();
    }
  }

  /** A client got ids, having asked for the first time at {@code began}. */
  void given(String client, String sequence, long began, long ended, IdsTaken ids) {
    calls
        .computeIfAbsent(sequence, name -> new ArrayList<>())
        .add(new Call(client, began, ended, ids));
  }

  /** Whether a number has risen, as it should. */
  boolean risen(Event.OfNumber number) {
    String name = number.kind() + " " + number.name().utf8();
    Long before = numbers.put(name, number.value());
    return before == null || before <= number.value();
  }

  /** Throws {@link Violation} for what the contract does not allow. */
  void check() {
    calls.forEach(this::check);
  }

  private void check(String sequence, List<Call> all) {
    List<Call> byFirst = new ArrayList<>(all);
    byFirst.sort(Comparator.comparingLong(call -> call.ids().first()));
    for (int i = 1; i < byFirst.size(); i++) {
      Call before = byFirst.get(i - 1);
      demand(before.ids().last() < byFirst.get(i).ids().first(), before, byFirst.get(i));
    }
    Call last = byFirst.getLast();
    long reserved = numbers.getOrDefault(Event.NumberKind.SEQUENCE + " " + sequence, 0L);
    if (last.ids().last() >= reserved) {
      throw new Violation("ids are reserved before they are given", last + " of " + reserved);
    }
    Call stamped = null;
    for (Call call : byFirst) {
      if (call.stamped()) {
        demand(stamped == null || stamped.stampLast() < call.ids().stampFirst(), stamped, call);
        stamped = call;
      }
    }
    inTime(all);
  }

  private static void inTime(List<Call> all) {
    List<Call> byBegin = new ArrayList<>(all);
    byBegin.sort(Comparator.comparingLong(Call::began));
    PriorityQueue<Call> open = new PriorityQueue<>(Comparator.comparingLong(Call::ended));
    Call greatest = null;
    for (Call call : byBegin) {
      while (!open.isEmpty() && open.peek().ended() < call.began()) {
        Call ended = open.remove();
        greatest =
            greatest == null || ended.ids().last() > greatest.ids().last() ? ended : greatest;
      }
      demand(greatest == null || greatest.ids().last() < call.ids().first(), greatest, call);
      open.add(call);
    }
  }

  private static void demand(boolean holds, Call one, Call other) {
    if (!holds) {
      throw new Violation(ORDER, one + ", then " + other);
    }
  }
}
