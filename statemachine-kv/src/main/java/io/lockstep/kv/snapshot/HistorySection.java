package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.EventLog;
import io.lockstep.kv.watch.Revision;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The revisions that are remembered, the oldest first, each followed by its changes. From them and
 * the oldest keys come the keys at each revision, which share what did not change as before. What a
 * change superseded is told in the oldest revision only: later it is what the keys were.
 */
final class HistorySection implements Section {
  @Override
  public int id() {
    return 6;
  }

  @Override
  public String title() {
    return "history";
  }

  /** Not 3: one altered bit would make 2 of it, which is written alike. */
  @Override
  public int format() {
    return 4;
  }

  @Override
  public void write(State state, ItemWriter out) throws IOException {
    EventLog log = state.log();
    long oldest = log.compacted() + 1;
    out.begin().varint(oldest).varint(log.head().number() - oldest);
    out.end();
    MapCursor<Long, Revision> revisions = log.from(oldest);
    for (Revision next = revisions.nextValue(); next != null; next = revisions.nextValue()) {
      out.begin().varint(next.clusterTimeMillis()).varint(next.events().size());
      out.end();
      for (Event event : next.events()) {
        EventCodec.write(out.begin(), event, next.number() == oldest);
        out.end();
      }
    }
  }

  @Override
  public void read(ItemReader in, int format, RestoredState state) throws IOException {
    ByteReader item = in.next();
    long oldest = Fields.number(item);
    long later = Fields.number(item);
    item.end();
    if (oldest == 0) {
      throw new Malformed("there is no revision 0");
    }
    EventLog log = readOldest(in, oldest, state.oldestKeys);
    for (long i = 1; i <= later; i++) {
      log = readNext(in, oldest + i, log);
    }
    state.log = log;
  }

  private static EventLog readOldest(ItemReader in, long number, KeySpace keys) throws IOException {
    ByteReader head = in.next();
    long clusterTimeMillis = Fields.number(head);
    long count = Fields.number(head);
    head.end();
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ByteReader item = in.next();
      events.add(EventCodec.readOldest(item, number, i, keys));
      item.end();
    }
    return EventLog.startingAt(number, clusterTimeMillis, keys, events);
  }

  private static EventLog readNext(ItemReader in, long number, EventLog log) throws IOException {
    ByteReader head = in.next();
    long clusterTimeMillis = Fields.number(head);
    long count = Fields.number(head);
    head.end();
    if (count == 0) {
      throw new Malformed("a revision changes nothing");
    }
    KeySpace keys = log.head().keys();
    List<Event> events = new ArrayList<>(1);
    for (int i = 0; i < count; i++) {
      ByteReader item = in.next();
      Event event = EventCodec.read(item, number, i, keys);
      item.end();
      events.add(event);
      keys = after(event, keys);
    }
    return log.append(clusterTimeMillis, keys, events);
  }

  private static KeySpace after(Event event, KeySpace keys) {
    return switch (event) {
      case Event.OfKey(_, _, _, _, @Nullable KeyRecord current, @Nullable KeyRecord previous) -> {
        if (current != null) {
          yield keys.put(current, previous);
        }
        yield previous == null ? keys : keys.remove(previous);
      }
      case Event.OfLock _,
          Event.OfElection _,
          Event.OfSemaphore _,
          Event.OfLease _,
          Event.OfNumber _,
          Event.OfMember _ ->
          keys;
    };
  }
}
