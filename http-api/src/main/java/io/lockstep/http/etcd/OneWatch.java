package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.service.Refusal;
import io.lockstep.http.watch.RevisionSink;
import io.lockstep.http.watch.RevisionWatch;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.kv.KvView;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.WatchStep;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One watch of a stream of them. Owned by the stream's loop. */
final class OneWatch implements RevisionSink {
  private static final int NO_PUT = 0;
  private static final int NO_DELETE = 1;

  private final WatchCall stream;
  private final long id;
  private final boolean previous;
  private final boolean puts;
  private final boolean deletes;
  private @Nullable RevisionWatch watch;

  /**
   * A watch with this number.
   *
   * @param previous whether what was there before is told
   * @param filters which kinds of changes are left out
   */
  OneWatch(WatchCall stream, long id, boolean previous, List<Integer> filters) {
    this.stream = stream;
    this.id = id;
    this.previous = previous;
    this.puts = !filters.contains(NO_PUT);
    this.deletes = !filters.contains(NO_DELETE);
  }

  void open(WatchHub hub, Selection selection, long after) {
    watch = hub.watch(selection, after, this);
  }

  void cancel() {
    if (watch != null) {
      watch.cancel();
    }
  }

  void resume() {
    if (watch != null) {
      watch.resume();
    }
  }

  @Override
  public boolean full() {
    return stream.full();
  }

  @Override
  public int changes(WatchStep.Changes changes) {
    List<Event.OfKey> wanted = new ArrayList<>();
    for (WatchStep.Frame frame : changes.frames()) {
      for (Event event : frame.events()) {
        if (event instanceof Event.OfKey of && (of.current() == null ? deletes : puts)) {
          wanted.add(of);
        }
      }
    }
    if (wanted.isEmpty()) {
      return 0;
    }
    JsonText json = stream.begin(changes.through(), id).name("events").beginArray();
    KvView view = stream.call().node().coordinator().view();
    wanted.forEach(event -> write(json, view, event));
    return stream.send(json.endArray());
  }

  /** What was there before is told as far as the state that held it can still be read. */
  private void write(JsonText json, KvView view, Event.OfKey event) {
    KeyRecord current = event.current();
    json.begin();
    if (current == null) {
      json.field("type", "DELETE").name("kv").begin();
      ProtoText.bytes(json, "key", event.key());
      ProtoText.number(json, "mod_revision", event.revision());
      json.end();
    } else {
      json.name("kv");
      ProtoText.key(json, current);
    }
    KeyRecord before = event.previous();
    if (previous && before != null && view.readable(event.revision() - 1)) {
      json.name("prev_kv");
      ProtoText.key(json, before);
    }
    json.end();
  }

  /** A client learns from it where it can begin anew. */
  @Override
  public void gap(long oldestRevision) {
    stream.ended(id);
    JsonText json = stream.begin(0, id).field("canceled", true);
    ProtoText.number(json, "compact_revision", oldestRevision);
    stream.send(json);
  }

  @Override
  public void stopping() {
    stream.fail(Refusal.SHUTTING_DOWN);
  }

  @Override
  public void diverged() {
    stream.fail(Refusal.DIVERGED);
  }
}
