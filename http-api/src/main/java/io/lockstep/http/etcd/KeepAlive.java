package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Outflow;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import java.util.Iterator;
import java.util.List;

/** A stream of renewals: one message each, in order, of one chunk each. */
final class KeepAlive {
  private static final long MILLIS = 1_000;

  private final EtcdCall call;
  private final Iterator<ProtoJson> messages;
  private final Outflow out;
  private boolean begun;

  private KeepAlive(EtcdCall call, List<ProtoJson> messages) {
    this.call = call;
    this.messages = messages.iterator();
    this.out = new Outflow(call.exchange(), () -> {});
  }

  static void serve(EtcdCall call, List<ProtoJson> messages) {
    new KeepAlive(call, messages).next();
  }

  private void next() {
    if (messages.hasNext()) {
      LeaseId id = LeaseCalls.id(messages.next());
      call.submit(
          new Command.Renew(List.of(new Renewal.OfLease(id))),
          (revision, success) -> renewed(revision, id, success),
          this::failed);
    } else {
      begin();
      out.end();
    }
  }

  private void renewed(long revision, LeaseId id, Result.Success success) {
    RenewalResult result = EtcdCall.expect(Result.Renewed.class, success).results().getFirst();
    JsonText json = call.exchange().json().begin().name("result").begin();
    call.node().header(json, revision);
    ProtoText.number(json, "ID", id.nonce());
    switch (result) {
      case RenewalResult.Alive alive -> ProtoText.number(json, "TTL", alive.ttlMillis() / MILLIS);
      // Without a TTL: that is how clients see that it has ended.
      case RenewalResult.Polled polled -> {}
      case RenewalResult.Refused refused -> {}
    }
    send(json.end().end());
    next();
  }

  private void failed(EtcdError error) {
    if (begun) {
      JsonText json = call.exchange().json();
      error.writeToStream(json);
      send(json);
      out.end();
    } else {
      call.refuse(error);
    }
  }

  private void send(JsonText json) {
    begin();
    out.write(json.plain("\n"));
  }

  private void begin() {
    if (!begun) {
      begun = true;
      out.begin(200, call.node().coordinator().view().revision(), Names.JSON);
    }
  }
}
