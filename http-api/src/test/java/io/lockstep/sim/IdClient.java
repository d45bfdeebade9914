package io.lockstep.sim;

import io.lockstep.http.service.Answer;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.sim.Chance;
import org.jspecify.annotations.Nullable;

/** A client that takes ids, one call after the other, through whichever node. */
final class IdClient {
  private static final long MILLI = 1_000_000;
  private static final int SEQUENCES = 2;
  private static final int ATTEMPTS_MAX = 4;

  private final SystemWorkload workload;
  private final Chance chance;
  private final Calls calls;
  private final String name;
  private long number;

  IdClient(SystemWorkload workload, int index) {
    this.workload = workload;
    chance = Chance.of(workload.cluster().settings().seed(), "ids of client " + index);
    calls = new Calls(workload, index, chance);
    name = "i" + index;
  }

  void pause() {
    long gap = workload.cluster().settings().clientPauseNanos();
    workload.simulation().after(chance.delay(gap), this::next);
  }

  private void next() {
    if (workload.isStopped()) {
      return;
    }
    calls.chooseNode();
    String sequence = "s" + chance.below(SEQUENCES);
    int count = chance.oneIn(16) ? chance.below(2_000) + 1 : chance.below(5) + 1;
    Command take = new Command.TakeIds(Bytes.utf8(sequence), count, chance.oneIn(3));
    String text = "t" + ++number;
    RequestKey key =
        chance.oneIn(4) ? new RequestKey(name, Bytes.utf8(text), Bytes.utf8("f" + text)) : null;
    attempt(sequence, take, key, workload.simulation().now(), 1);
  }

  private void attempt(
      String sequence, Command take, @Nullable RequestKey key, long began, int attempt) {
    calls.submit(
        key,
        take,
        answer -> {
          if (answer instanceof Answer.Done done) {
            if (done.applied().result() instanceof Result.IdsTaken ids) {
              long ended = workload.simulation().now();
              workload.history().ids().given(name, sequence, began, ended, ids);
            }
            pause();
          } else if (key != null && attempt < ATTEMPTS_MAX && !workload.isStopped()) {
            calls.otherNode();
            workload
                .simulation()
                .after(
                    chance.delay(4 * MILLI),
                    () -> attempt(sequence, take, key, began, attempt + 1));
          } else {
            pause();
          }
        });
  }
}
