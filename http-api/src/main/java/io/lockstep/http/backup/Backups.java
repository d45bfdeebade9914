package io.lockstep.http.backup;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Problems;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.Refusal;
import io.lockstep.http.v1.Reads;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.node.Capture;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The backups that are being taken at this node, of which there are few at once: each keeps all
 * state of one moment in memory until it is sent. Callable from any loop.
 */
public final class Backups {
  /** So many are taken at once. */
  public static final int AT_ONCE_MAX = 2;

  private static final long WORK_HOURS_MAX = 24;

  private final Coordinator coordinator;
  private final WorkerExecutor workers;
  private final AtomicInteger open = new AtomicInteger();

  public Backups(Vertx vertx, Coordinator coordinator) {
    this.coordinator = coordinator;
    this.workers =
        vertx.createSharedWorkerExecutor("backups", AT_ONCE_MAX, WORK_HOURS_MAX, TimeUnit.HOURS);
  }

  /**
   * Answers with all state of a moment after the request came: nothing that was acknowledged
   * before, anywhere, lacks.
   *
   * @param forms makes the form of a backup of this revision
   */
  public void serve(Exchange exchange, Reads reads, LongFunction<BackupForm> forms) {
    reads.current(
        exchange,
        (x, view) -> {
          if (open.incrementAndGet() > AT_ONCE_MAX) {
            open.decrementAndGet();
            throw new Rejected(
                Problem.of(
                        ProblemCode.OVERLOADED,
                        "this node is sending " + AT_ONCE_MAX + " backups: take it from another")
                    .retryAfter(Problems.jittered()));
          }
          coordinator.capture(capture -> x.loop().post(new Taken(x, capture, forms)));
        });
  }

  /** Carries what was captured to the exchange's loop. */
  private final class Taken extends LoopTask {
    private final Exchange exchange;
    private final @Nullable Capture capture;
    private final LongFunction<BackupForm> forms;

    Taken(Exchange exchange, @Nullable Capture capture, LongFunction<BackupForm> forms) {
      this.exchange = exchange;
      this.capture = capture;
      this.forms = forms;
    }

    @Override
    protected void run() {
      Capture taken = capture;
      Refusal refusal = taken == null ? Refusal.SHUTTING_DOWN : null;
      if (!coordinator.serves()) {
        refusal = Refusal.DIVERGED;
      }
      if (refusal != null || taken == null || exchange.over()) {
        open.decrementAndGet();
        if (refusal != null) {
          exchange.problem(Problems.of(refusal));
        }
        return;
      }
      exchange.run(() -> start(taken));
    }

    private void start(Capture taken) {
      Invariant.check(taken.state() instanceof KvSnapshot, "the state is this service's");
      long revision = ((KvSnapshot) taken.state()).state().revision();
      new BackupStream(exchange, taken, revision, forms.apply(revision))
          .start(workers, open::decrementAndGet);
    }
  }
}
