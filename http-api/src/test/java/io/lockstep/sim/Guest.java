package io.lockstep.sim;

import io.lockstep.http.service.Answer;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.sim.Chance;
import io.lockstep.raft.sim.check.Violation;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client that some runs have: what it draws disturbs nobody else's draws. Does one thing after
 * the other, through whichever node; asks again, with a key, when a fate is not known.
 */
abstract class Guest {
  static final long MILLI = 1_000_000;
  private static final long PAUSE_NANOS_MIN = 15 * MILLI;
  private static final int ATTEMPTS_MAX = 4;

  final SystemWorkload workload;
  final Chance chance;
  final Calls calls;
  final String name;
  private long number;

  Guest(SystemWorkload workload, int index) {
    this.workload = workload;
    chance = Chance.of(workload.cluster().settings().seed(), "guest " + index);
    calls = new Calls(workload, index, chance);
    name = "g" + index;
  }

  /** Begins one thing; {@link #pause} comes when it is over, once. */
  abstract void next();

  final void pause() {
    long gap = Math.max(PAUSE_NANOS_MIN, workload.cluster().settings().clientPauseNanos());
    workload.simulation().after(chance.delay(gap), this::goOn);
  }

  private void goOn() {
    if (!workload.isStopped()) {
      calls.chooseNode();
      next();
    }
  }

  final long now() {
    return workload.simulation().now();
  }

  /** A text that no other call has. */
  final String fresh(String of) {
    return name + "-" + of + ++number;
  }

  final @Nullable RequestKey keyOneIn(int n) {
    String text = fresh("r");
    return chance.oneIn(n) ? new RequestKey(name, Bytes.utf8(text), Bytes.utf8("f" + text)) : null;
  }

  /** Hears how a call went. */
  interface Heard {
    /**
     * @param began when it was asked for the first time
     * @param asked when that was asked for which this is the answer to
     * @param result null when there is none
     */
    void heard(long began, long asked, @Nullable Result result);
  }

  /** Each attempt is made anew by its node, as over HTTP: only the key is the same. */
  final void ask(Supplier<Command> command, Heard then) {
    attempt(keyOneIn(4), command, now(), 1, then);
  }

  /** Without a key: whatever becomes of it, it is not asked again. */
  final void askOnce(Command command, Heard then) {
    attempt(null, () -> command, now(), 1, then);
  }

  private void attempt(
      @Nullable RequestKey key, Supplier<Command> command, long began, int attempt, Heard then) {
    long asked = now();
    calls.submit(
        key,
        command.get(),
        answer -> {
          if (answer instanceof Answer.Done done) {
            judged(() -> then.heard(began, asked, done.applied().result()));
          } else if (key != null && attempt < ATTEMPTS_MAX && !workload.isStopped()) {
            calls.otherNode();
            workload
                .simulation()
                .after(
                    chance.delay(4 * MILLI), () -> attempt(key, command, began, attempt + 1, then));
          } else {
            then.heard(began, asked, null);
          }
        });
  }

  /** What it finds wrong ends the run. */
  final void judged(Runnable task) {
    try {
      task.run();
    } catch (Violation violation) {
      workload.cluster().invariants().report(violation);
    }
  }
}
