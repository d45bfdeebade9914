package io.lockstep.raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The effects of the running step, and the promises behind them: no message leaves while the term
 * and the vote that this node has given are not durable (thesis figure 3.1: updated on stable
 * storage before responding).
 */
class Outbox {
  private static final int HELD_MAX = 1_024;

  private final ArrayDeque<Effect.Send> held = new ArrayDeque<>();
  private List<Effect> effects = new ArrayList<>();
  private HardState promised;
  private HardState durable;

  Outbox(HardState durable) {
    this.promised = durable;
    this.durable = durable;
  }

  HardState promised() {
    return promised;
  }

  boolean durable() {
    return durable.equals(promised);
  }

  /**
   * Gives a promise. Messages held for an older term are dropped: they say nothing of use now. Of
   * two promises in one step only the later is saved, in the place of the first.
   */
  void promise(HardState hardState) {
    if (hardState.term() > promised.term()) {
      held.clear();
    }
    promised = hardState;
    Effect save = new Effect.SaveHardState(hardState);
    for (int i = 0; i < effects.size(); i++) {
      if (effects.get(i) instanceof Effect.SaveHardState) {
        effects.set(i, save);
        return;
      }
    }
    effects.add(save);
  }

  void flushed(HardState hardState) {
    durable = hardState;
    while (mayLeave() && !held.isEmpty()) {
      effects.add(held.remove());
    }
  }

  /** Sends, at once or when the promise is durable; past a bound it is as if it were lost. */
  void send(NodeId to, Message message) {
    Effect.Send send = new Effect.Send(to, message);
    if (mayLeave()) {
      effects.add(send);
    } else if (held.size() < HELD_MAX) {
      held.add(send);
    }
  }

  boolean mayLeave() {
    return durable();
  }

  void add(Effect effect) {
    effects.add(effect);
  }

  /** The effects since the last call, in order; they are the caller's. */
  List<Effect> take() {
    List<Effect> taken = effects;
    effects = new ArrayList<>();
    return taken;
  }
}
