package io.lockstep.http.v1;

import io.lockstep.http.error.Problems;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.ReadSink;
import io.lockstep.http.service.Refusal;
import io.lockstep.kv.KvView;
import org.jspecify.annotations.Nullable;

/** Linearizable reads for exchanges. */
public final class Reads {
  private final Coordinator coordinator;

  public Reads(Coordinator coordinator) {
    this.coordinator = coordinator;
  }

  /** What is done with a view that was confirmed to be current after the request came. */
  public interface Reading {
    void read(Exchange exchange, KvView view);
  }

  /** Goes on with a current view, or answers with the reason why there is none. */
  public void current(Exchange exchange, Reading reading) {
    coordinator.read(exchange.deadlineNanos(0), new Reply(coordinator, exchange, reading));
  }

  /** Carries a confirmation from whichever thread to the exchange's loop. */
  private static final class Reply extends LoopTask implements ReadSink {
    private final Coordinator coordinator;
    private final Exchange exchange;
    private final Reading reading;
    private @Nullable Refusal refusal;

    Reply(Coordinator coordinator, Exchange exchange, Reading reading) {
      this.coordinator = coordinator;
      this.exchange = exchange;
      this.reading = reading;
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
      if (reason != null) {
        exchange.problem(Problems.of(reason));
      } else {
        exchange.run(() -> reading.read(exchange, coordinator.view()));
      }
    }
  }
}
