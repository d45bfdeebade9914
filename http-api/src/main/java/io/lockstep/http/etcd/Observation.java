package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Outflow;
import io.lockstep.http.service.Refusal;
import io.lockstep.http.watch.RevisionSink;
import io.lockstep.http.watch.RevisionWatch;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.kv.KvView;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.WatchStep;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** A stream of who is elected and what it proclaims, each once and in order. */
final class Observation implements RevisionSink {
  private final EtcdCall call;
  private final Bytes prefix;
  private final Outflow out;
  private @Nullable RevisionWatch watch;
  private @Nullable KeyRecord told;
  private int sent;

  private Observation(EtcdCall call, Bytes prefix) {
    this.call = call;
    this.prefix = prefix;
    this.out = new Outflow(call.exchange(), this::drained);
  }

  static void serve(EtcdCall call, WatchHub hub, ProtoJson message) {
    Bytes prefix = Candidacy.below(message.bytes("name"));
    call.read(view -> new Observation(call, prefix).start(hub, view));
  }

  private void start(WatchHub hub, KvView view) {
    call.exchange().whenGone(this::gone);
    out.begin(200, view.revision(), Names.JSON);
    tell(Candidacy.first(view.events().head().keys(), prefix), view.revision());
    watch = hub.watch(new Selection.KeyPrefix(prefix), view.revision(), this);
  }

  private void tell(@Nullable KeyRecord first, long revision) {
    if (first != null && !first.equals(told)) {
      JsonText json = call.exchange().json().begin().name("result").begin();
      call.node().header(json, revision);
      json.name("kv");
      ProtoText.key(json, first);
      JsonText message = json.end().end().plain("\n");
      out.write(message);
      sent += message.size();
      told = first;
    }
  }

  @Override
  public boolean full() {
    return out.full();
  }

  @Override
  public int changes(WatchStep.Changes changes) {
    KvView view = call.node().coordinator().view();
    sent = 0;
    for (WatchStep.Frame frame : changes.frames()) {
      if (view.readable(frame.revision())) {
        tell(Candidacy.first(view.events().at(frame.revision()).keys(), prefix), frame.revision());
      }
    }
    return sent;
  }

  @Override
  public void gap(long oldestRevision) {
    fail(EtcdError.COMPACTED);
  }

  @Override
  public void stopping() {
    fail(EtcdError.of(Refusal.SHUTTING_DOWN));
  }

  @Override
  public void diverged() {
    fail(EtcdError.of(Refusal.DIVERGED));
  }

  private void fail(EtcdError error) {
    JsonText json = call.exchange().json();
    error.writeToStream(json);
    out.write(json.plain("\n"));
    out.end();
  }

  private void drained() {
    if (watch != null) {
      watch.resume();
    }
  }

  private void gone() {
    if (watch != null) {
      watch.cancel();
    }
  }
}
