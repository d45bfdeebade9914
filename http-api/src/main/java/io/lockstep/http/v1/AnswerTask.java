package io.lockstep.http.v1;

import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.service.Answer;
import io.lockstep.http.service.AnswerSink;
import org.jspecify.annotations.Nullable;

/** Carries one answer, from whichever thread gives it, to the loop of the exchange that waits. */
public abstract class AnswerTask extends LoopTask implements AnswerSink {
  private final Exchange exchange;
  private volatile @Nullable Answer answer;

  protected AnswerTask(Exchange exchange) {
    this.exchange = exchange;
  }

  protected final Exchange exchange() {
    return exchange;
  }

  @Override
  public final void answer(Answer given) {
    answer = given;
    exchange.loop().post(this);
  }

  @Override
  protected final void run() {
    Answer given = answer;
    if (given != null) {
      arrived(given);
    }
  }

  /** Runs on the loop, also when the exchange is over. */
  protected void arrived(Answer given) {
    if (!exchange.over()) {
      exchange.run(() -> told(given));
    }
  }

  /** Runs on the loop as a step of the exchange, which still waits. */
  protected abstract void told(Answer given);
}
