package io.lockstep.raft.sim.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether each mutation took effect as often as its answer allows (contract, 5): once if it was
 * answered as applied, never if it was refused, at most once in any case, and every retry under one
 * idempotency key got one and the same answer.
 */
public final class ExactlyOnce {
  private final Map<String, Request> requests = new TreeMap<>();

  /** What is known of one mutation, named by a text that its effect carries. */
  private static final class Request {
    final List<String> answers = new ArrayList<>();
    final List<Long> effects = new ArrayList<>();
    boolean refused;
    boolean applied;
  }

  private Request request(String name) {
    return requests.computeIfAbsent(name, n -> new Request());
  }

  /** An attempt was answered as applied, with this answer. */
  public void applied(String name, String answer) {
    request(name).applied = true;
    request(name).answers.add(answer);
  }

  /** Every attempt of it was answered as certainly not applied. */
  public void refused(String name) {
    request(name).refused = true;
  }

  /** In the final state's history it took effect at {@code revision}. */
  public void effect(String name, long revision) {
    request(name).effects.add(revision);
  }

  /** Throws {@link Violation} if any mutation took effect too often, or not as its answer says. */
  public void check() {
    for (Map.Entry<String, Request> entry : requests.entrySet()) {
      String name = entry.getKey();
      Request request = entry.getValue();
      if (request.effects.size() > 1) {
        throw new Violation("exactly once", name + " took effect at " + request.effects);
      }
      if (request.applied && request.effects.isEmpty()) {
        throw new Violation("no acknowledged write is lost", name + " " + request.answers);
      }
      if (request.refused && !request.applied && !request.effects.isEmpty()) {
        throw new Violation("what is refused has no effect", name + " at " + request.effects);
      }
      if (request.answers.stream().distinct().count() > 1) {
        throw new Violation("a retry gets the first answer", name + " " + request.answers);
      }
    }
  }
}
