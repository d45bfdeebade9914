package io.lockstep.sim;

import io.lockstep.http.service.Answer;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import java.util.function.Consumer;

/**
 * Two leases that end at one moment: one holds a lock, the other waits for it. The lock must pass
 * over the one that waits.
 */
final class TwinLeases {
  private static final long TTL_MILLIS = 1_000;

  private final Calls calls;
  private final SystemWorkload workload;
  private final Bytes lock;
  private final Runnable end;

  /** {@code end} is called once, when all is over or has failed. */
  TwinLeases(SystemWorkload workload, Calls calls, String lock, Runnable end) {
    this.workload = workload;
    this.calls = calls;
    this.lock = Bytes.utf8(lock);
    this.end = end;
  }

  void begin() {
    grant(first -> grant(second -> renew(first, second)));
  }

  private void grant(Consumer<LeaseId> then) {
    ask(
        new Command.LeaseGrant(TTL_MILLIS, workload.chance().nextLong()),
        result -> {
          if (result instanceof Result.LeaseGranted granted) {
            then.accept(granted.lease());
          } else {
            end.run();
          }
        });
  }

  private void renew(LeaseId first, LeaseId second) {
    List<Renewal> both = List.of(new Renewal.OfLease(first), new Renewal.OfLease(second));
    ask(new Command.Renew(both), result -> acquire(first, 0, held -> waitFor(second)));
  }

  private void waitFor(LeaseId second) {
    acquire(second, 2 * TTL_MILLIS, result -> end.run());
  }

  private void acquire(LeaseId lease, long waitMillis, Consumer<Answer> then) {
    Command.LockAcquire acquire =
        new Command.LockAcquire(
            lock,
            new Holder.ExistingLease(lease),
            "twin",
            waitMillis,
            calls.server(),
            false,
            workload.chance().nextLong());
    calls.acquire(null, acquire, then);
  }

  private void ask(Command command, Consumer<Result> then) {
    calls.submit(
        null,
        command,
        answer -> {
          if (answer instanceof Answer.Done done && !workload.isStopped()) {
            then.accept(done.applied().result());
          } else {
            end.run();
          }
        });
  }
}
