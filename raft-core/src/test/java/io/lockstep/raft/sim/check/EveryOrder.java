package io.lockstep.raft.sim.check;

import java.util.ArrayList;
import java.util.List;

/**
 * The definition of linearizability, tried out: no memory, no short cut. For histories of a few
 * calls.
 */
final class EveryOrder {
  private EveryOrder() {}

  static <S, C, R> boolean explains(Model<S, C, R> model, List<Operation<C, R>> history) {
    return explains(model, model.initial(), history);
  }

  private static <S, C, R> boolean explains(
      Model<S, C, R> model, S state, List<Operation<C, R>> left) {
    if (left.stream().noneMatch(Operation::isAnswered)) {
      return true;
    }
    for (int i = 0; i < left.size(); i++) {
      Operation<C, R> chosen = left.get(i);
      if (left.stream().anyMatch(other -> other.returnedAt() < chosen.invokedAt())) {
        continue;
      }
      S after = model.step(state, chosen.call(), chosen.response());
      List<Operation<C, R>> rest = new ArrayList<>(left);
      rest.remove(i);
      if (after != null && explains(model, after, rest)) {
        return true;
      }
    }
    return false;
  }
}
