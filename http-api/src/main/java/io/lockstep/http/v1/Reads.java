package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Problems;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Consistency;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.LocalState;
import io.lockstep.http.service.ReadSink;
import io.lockstep.http.service.Refusal;
import io.lockstep.kv.KvView;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads for exchanges, as new as each asks for. */
public final class Reads {
  private static final String UNKNOWN_AGE = "unknown";

  private final Coordinator coordinator;

  public Reads(Coordinator coordinator) {
    this.coordinator = coordinator;
  }

  /** What is done with a view that is new enough. */
  public interface Reading {
    void read(Exchange exchange, KvView view);
  }

  /** Goes on with a view that is current, or answers with the reason why there is none. */
  public void current(Exchange exchange, Reading reading) {
    read(exchange, new Consistency.Linearizable(), reading);
  }

  /** As {@link Reading}, with the state that {@code view} is of if the read is a stale one. */
  public interface StaleReading {
    void read(Exchange exchange, KvView view, @Nullable LocalState stale);
  }

  /** As {@link #read}, for what can say more of a state that may be old. */
  public void readStale(Exchange exchange, Consistency wanted, StaleReading reading) {
    if (wanted instanceof Consistency.Stale && coordinator.serves()) {
      exchange.deadlineNanos(0);
      LocalState state = coordinator.local();
      local(exchange, wanted, state, (x, view) -> reading.read(x, view, state));
    } else {
      read(exchange, wanted, (x, view) -> reading.read(x, view, null));
    }
  }

  /** Goes on with a view as new as {@code wanted}, or answers with the reason why there is none. */
  public void read(Exchange exchange, Consistency wanted, Reading reading) {
    if (!coordinator.serves()) {
      throw new Rejected(Problems.of(Refusal.DIVERGED));
    }
    switch (wanted) {
      case Consistency.Linearizable linearizable ->
          coordinator.read(
              exchange.deadlineNanos(0),
              new Reply(exchange, () -> show(exchange, coordinator.view(), reading), Problems::of));
      case Consistency.Stale stale -> {
        exchange.deadlineNanos(0);
        local(exchange, wanted, coordinator.local(), reading);
      }
      case Consistency.Bounded(long minRevision, long maxStaleness) -> {
        if (minRevision == 0) {
          exchange.deadlineNanos(0);
          local(exchange, wanted, coordinator.local(), reading);
        } else {
          coordinator.reach(
              minRevision,
              exchange.deadlineNanos(0),
              new Reply(
                  exchange,
                  () -> local(exchange, wanted, coordinator.local(), reading),
                  refusal -> Problems.of(refusal).with("min_revision", minRevision)));
        }
      }
    }
  }

  /**
   * Reads {@code state}, which is this node's own; a weak read is labelled with its age, and
   * refused if that is too great.
   */
  static void local(Exchange exchange, Consistency wanted, LocalState state, Reading reading) {
    String label = wanted.label();
    if (label != null) {
      exchange
          .with(Names.CONSISTENCY, label)
          .with(
              Names.STALENESS,
              state.isConfirmed() ? Long.toString(state.ageMillis()) : UNKNOWN_AGE);
    }
    if (wanted instanceof Consistency.Bounded bounded
        && bounded.maxStalenessMillis() != 0
        && !state.within(bounded.maxStalenessMillis())) {
      throw new Rejected(tooStale(state, bounded.maxStalenessMillis()));
    }
    show(exchange, state.view(), reading);
  }

  private static void show(Exchange exchange, KvView view, Reading reading) {
    exchange.answersFrom(view.revision());
    reading.read(exchange, view);
  }

  private static Problem tooStale(LocalState state, long maxStaleness) {
    Problem problem =
        Problem.of(
                ProblemCode.TOO_STALE,
                state.isConfirmed()
                    ? "this node was last confirmed to be current " + state.ageMillis() + " ms ago"
                    : "this node was not confirmed to be current since it started")
            .retryAfter(Problems.jittered())
            .with("max_staleness_ms", maxStaleness);
    return state.isConfirmed() ? problem.with("staleness_ms", state.ageMillis()) : problem;
  }

  /** Carries an answer from whichever thread to the exchange's loop. */
  private final class Reply extends LoopTask implements ReadSink {
    private final Exchange exchange;
    private final Runnable reading;
    private final Function<Refusal, Problem> refused;
    private @Nullable Refusal refusal;

    Reply(Exchange exchange, Runnable reading, Function<Refusal, Problem> refused) {
      this.exchange = exchange;
      this.reading = reading;
      this.refused = refused;
    }

    @Override
    public void current() {
      exchange.loop().post(this);
    }

    @Override
    public void refused(Refusal reason) {
      refusal = reason;
      exchange.loop().post(this);
    }

    @Override
    protected void run() {
      if (exchange.over()) {
        return;
      }
      Refusal reason = refusal;
      if (reason == null && !coordinator.serves()) {
        reason = Refusal.DIVERGED;
      }
      if (reason != null) {
        exchange.problem(refused.apply(reason));
      } else {
        exchange.run(reading);
      }
    }
  }
}
