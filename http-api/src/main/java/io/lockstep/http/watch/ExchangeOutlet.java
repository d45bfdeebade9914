package io.lockstep.http.watch;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Outflow;

/** The streamed answer to a request. */
final class ExchangeOutlet implements WatchOutlet {
  private final Exchange exchange;
  private final Outflow out;
  private Runnable whenDrained = () -> {};

  ExchangeOutlet(Exchange exchange) {
    this.exchange = exchange;
    this.out = new Outflow(exchange, () -> whenDrained.run());
  }

  @Override
  public void attach(Runnable drained, Runnable gone) {
    whenDrained = drained;
    exchange.whenGone(gone);
  }

  @Override
  public void begin(WatchForm form, long revision) {
    out.begin(
        200,
        revision,
        switch (form.kind()) {
          case EVENTS -> Names.EVENT_STREAM;
          case LINES -> Names.NDJSON;
        });
  }

  @Override
  public boolean full() {
    return out.full();
  }

  @Override
  public JsonText json() {
    return exchange.json();
  }

  @Override
  public void write(JsonText text) {
    out.write(text);
  }

  @Override
  public void write(byte[] bytes) {
    out.write(bytes);
  }

  @Override
  public void end() {
    out.end();
  }

  @Override
  public void cut() {
    exchange.cut();
  }

  @Override
  public long nanoTime() {
    return exchange.parts().face().nanoTime();
  }
}
