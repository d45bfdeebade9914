package io.lockstep.raft.sim.check;

import io.lockstep.raft.sim.check.Linearizability.Order;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One search for an order of calls that explains their responses. Depth first, with an explicit
 * stack.
 *
 * <h2>Why an answered call that only looks is taken at once</h2>
 *
 * If such a call may come next and its response fits, then in any order that works from here it can
 * be moved to the front: it changes nothing where it is now, nothing where it stood, and nothing
 * must precede it. So its alternatives need no trial. This does not hold for a write that merely
 * repeats the present value.
 */
final class OrderSearch<S, C, R> {
  private final Model<S, C, R> model;
  private final List<Operation<C, R>> history;
  private final Order order;
  private final long stepsMax;

  /**
   * Calls not yet ordered, as a list linked by position in {@link #history}; the last element is
   * its head.
   */
  private final int[] next;

  private final int[] previous;
  private final int head;
  private final long[] ordered;
  private final Set<Configuration> seen = new HashSet<>();
  private final Deque<Frame<S>> stack = new ArrayDeque<>();
  private S state;
  private int answeredLeft;
  private long steps;
  private int depthBest = -1;
  private String stuck = "";

  OrderSearch(Model<S, C, R> model, List<Operation<C, R>> history, Order order, long stepsMax) {
    this.model = model;
    this.history = new ArrayList<>(history);
    this.history.sort(Comparator.comparingLong(Operation::invokedAt));
    this.order = order;
    this.stepsMax = stepsMax;
    head = history.size();
    next = new int[head + 1];
    previous = new int[head + 1];
    for (int i = 0; i <= head; i++) {
      next[i] = i == head ? 0 : i + 1;
      previous[i] = i == 0 ? head : i - 1;
    }
    ordered = new long[(head >> 6) + 1];
    state = model.initial();
    answeredLeft = (int) history.stream().filter(Operation::isAnswered).count();
  }

  Verdict verdict() {
    Frame<S> frame = open();
    while (answeredLeft > 0) {
      if (!advance(frame)) {
        noteStuck();
        if (stack.isEmpty()) {
          return new Verdict.Illegal(stuck);
        }
        frame = stack.pop();
        undo(frame);
        continue;
      }
      stack.push(frame);
      frame = open();
      if (steps > stepsMax) {
        return new Verdict.Undecided(steps);
      }
    }
    return new Verdict.Legal();
  }

  /**
   * Orders the next candidate of {@code frame} that leads somewhere new; false when there is none.
   */
  private boolean advance(Frame<S> frame) {
    while (frame.position < frame.candidates.length) {
      int call = frame.candidates[frame.position++];
      steps++;
      Operation<C, R> operation = history.get(call);
      @Nullable S after = model.step(frame.state, operation.call(), operation.response());
      if (after == null) {
        continue;
      }
      if (onlyLooks(operation) && after.equals(frame.state)) {
        frame.position = frame.candidates.length;
      }
      mark(call);
      if (seen.add(new Configuration(ordered.clone(), after))) {
        frame.chosen = call;
        unlink(call);
        state = after;
        return true;
      }
      mark(call);
    }
    return false;
  }

  private boolean onlyLooks(Operation<C, R> operation) {
    R response = operation.response();
    return response != null && model.onlyLooks(operation.call(), response);
  }

  private void undo(Frame<S> frame) {
    mark(frame.chosen);
    int call = frame.chosen;
    next[previous[call]] = call;
    previous[next[call]] = call;
    answeredLeft += history.get(call).isAnswered() ? 1 : 0;
    state = frame.state;
  }

  private void unlink(int call) {
    next[previous[call]] = next[call];
    previous[next[call]] = previous[call];
    answeredLeft -= history.get(call).isAnswered() ? 1 : 0;
  }

  private void mark(int call) {
    ordered[call >> 6] ^= 1L << (call & 63);
  }

  private Frame<S> open() {
    int[] candidates =
        switch (order) {
          case REAL_TIME -> candidatesInRealTime();
          case PROGRAM -> candidatesInProgramOrder();
        };
    return new Frame<>(candidates, state);
  }

  /** Calls made before any call that is not ordered yet returned; answered ones first. */
  private int[] candidatesInRealTime() {
    Candidates candidates = new Candidates();
    long returnedMin = Long.MAX_VALUE;
    for (int call = next[head]; call != head; call = next[call]) {
      Operation<C, R> operation = history.get(call);
      if (operation.invokedAt() > returnedMin) {
        break;
      }
      candidates.add(call, operation.isAnswered());
      returnedMin = Math.min(returnedMin, operation.returnedAt());
    }
    return candidates.toArray();
  }

  /**
   * Calls whose client has no earlier answered call that is not ordered yet; answered ones first.
   */
  private int[] candidatesInProgramOrder() {
    Candidates candidates = new Candidates();
    Set<String> waiting = new TreeSet<>();
    for (int call = next[head]; call != head; call = next[call]) {
      Operation<C, R> operation = history.get(call);
      if (!waiting.contains(operation.client())) {
        candidates.add(call, operation.isAnswered());
      }
      if (operation.isAnswered()) {
        waiting.add(operation.client());
      }
    }
    return candidates.toArray();
  }

  private void noteStuck() {
    if (stack.size() <= depthBest) {
      return;
    }
    depthBest = stack.size();
    StringBuilder text = new StringBuilder("no order explains the history; after ");
    text.append(depthBest).append(" calls the state is ").append(state).append(" and none fits of");
    int shown = 0;
    for (int call = next[head]; call != head && shown < 6; call = next[call], shown++) {
      text.append("\n    ").append(history.get(call));
    }
    stuck = text.toString();
  }

  /** Answered calls, then those with unknown outcome: the latter may well never take effect. */
  private static final class Candidates {
    private int[] answered = new int[8];
    private int[] unknown = new int[8];
    private int answeredCount;
    private int unknownCount;

    void add(int call, boolean isAnswered) {
      if (isAnswered) {
        answered = room(answered, answeredCount);
        answered[answeredCount++] = call;
      } else {
        unknown = room(unknown, unknownCount);
        unknown[unknownCount++] = call;
      }
    }

    private static int[] room(int[] array, int count) {
      return count < array.length ? array : Arrays.copyOf(array, count * 2);
    }

    int[] toArray() {
      int[] all = Arrays.copyOf(answered, answeredCount + unknownCount);
      System.arraycopy(unknown, 0, all, answeredCount, unknownCount);
      return all;
    }
  }

  /** A choice among candidates, and the state before it. */
  private static final class Frame<S> {
    final int[] candidates;
    final S state;
    int position;
    int chosen = -1;

    Frame(int[] candidates, S state) {
      this.candidates = candidates;
      this.state = state;
    }
  }

  /** Which calls are ordered, and the state they led to. */
  private record Configuration(long[] ordered, Object state) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Configuration c
          && Arrays.equals(ordered, c.ordered)
          && state.equals(c.state);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(ordered) + state.hashCode();
    }
  }
}
