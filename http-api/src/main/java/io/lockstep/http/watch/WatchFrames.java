package io.lockstep.http.watch;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.result.KeyMeta;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.LockChange;
import java.util.List;
import java.util.Locale;

/** Writes the frames of a watch, as server-sent events or as lines. */
final class WatchFrames {

  private WatchFrames() {}

  /** All selected changes of one revision. */
  static void change(JsonText out, WatchForm form, long revision, List<Event> events) {
    beginChange(out, form, revision);
    for (Event event : events) {
      write(out, event);
    }
    endItems(out, form);
  }

  /** Begins the changes of one revision; events follow, then {@link #endItems}. */
  static void beginChange(JsonText out, WatchForm form, long revision) {
    begin(out, form, "change", revision);
    out.field("revision", revision).name("events").beginArray();
  }

  /** Begins a part of the state; items follow, then {@link #endItems}. */
  static void beginItems(JsonText out, WatchForm form, long revision) {
    // Without an id: who is cut off within the state must begin it anew.
    begin(out, form, "state", 0);
    out.field("revision", revision).name("items").beginArray();
  }

  static void endItems(JsonText out, WatchForm form) {
    out.endArray();
    end(out, form);
  }

  /** The state is complete; from here on come the changes after {@code revision}. */
  static void synced(JsonText out, WatchForm form, long revision) {
    begin(out, form, "synced", revision);
    out.field("revision", revision);
    end(out, form);
  }

  /** Nothing up to {@code revision} is missing. */
  static void progress(JsonText out, WatchForm form, long revision) {
    begin(out, form, "progress", revision);
    out.field("revision", revision);
    end(out, form);
  }

  /**
   * Nothing up to {@code revision} is missing in any of several watches: no place to go on from.
   */
  static void progressOfAll(JsonText out, WatchForm form, long revision) {
    begin(out, form, "progress", 0);
    out.field("revision", revision);
    end(out, form);
  }

  /** What comes next is forgotten; the stream ends. */
  static void gap(JsonText out, WatchForm form, long oldestRevision) {
    begin(out, form, "gap", 0);
    out.field("code", "compacted").field("oldest_revision", oldestRevision);
    end(out, form);
  }

  /** What was sent last may be wrong, and this node knows nothing better: the stream ends. */
  static void diverged(JsonText out, WatchForm form, long retryMillis) {
    begin(out, form, "diverged", 0);
    out.field("code", "diverged").field("retry_ms", retryMillis);
    end(out, form);
  }

  /** This node is stopping; the stream ends, and goes on elsewhere after {@code revision}. */
  static void goodbye(JsonText out, WatchForm form, long revision, long retryMillis) {
    switch (form.kind()) {
      case EVENTS -> out.plain("retry: " + retryMillis + "\n");
      case LINES -> {}
    }
    begin(out, form, "goodbye", revision);
    out.field("revision", revision).field("retry_ms", retryMillis);
    end(out, form);
  }

  /** Begins a frame. One of several watches has no id: a stream has but one, and they are many. */
  private static void begin(JsonText out, WatchForm form, String name, long id) {
    switch (form.kind()) {
      case EVENTS -> {
        if (id > 0 && form.watch() == null) {
          out.plain("id: ").plain(Long.toString(id)).plain("\n");
        }
        out.plain("event: ").plain(name).plain("\ndata: ").begin();
      }
      case LINES -> out.begin().field("event", name);
    }
    String watch = form.watch();
    if (watch != null) {
      out.field("watch", watch);
    }
  }

  private static void end(JsonText out, WatchForm form) {
    out.end()
        .plain(
            switch (form.kind()) {
              case EVENTS -> "\n\n";
              case LINES -> "\n";
            });
  }

  /** One event. */
  static void write(JsonText out, Event event) {
    switch (event) {
      case Event.OfKey key -> writeKey(out, key);
      case Event.OfLock lock -> writeLock(out, lock);
      case Event.OfElection election -> writeElection(out, election);
      case Event.OfSemaphore semaphore -> writeSemaphore(out, semaphore);
      case Event.OfLease lease -> writeLease(out, lease);
      case Event.OfNumber number -> writeNumber(out, number);
      case Event.OfMember member -> writeMember(out, member);
    }
  }

  private static void writeKey(JsonText out, Event.OfKey event) {
    out.begin()
        .field(
            "type",
            switch (event.change()) {
              case PUT -> "put";
              case DELETE -> "delete";
              case EXPIRE -> "expire";
            })
        .key("key", event.key());
    KeyRecord current = event.current();
    if (current != null) {
      writeContent(out, current);
    }
    out.end();
  }

  private static void writeContent(JsonText out, KeyRecord record) {
    KeyMeta meta = record.meta();
    out.content(record.value())
        .field("create_revision", meta.createRevision())
        .field("mod_revision", meta.modRevision())
        .field("version", meta.version());
    LeaseId lease = meta.lease();
    if (lease != null) {
      out.field("lease", lease.toString());
    }
  }

  private static void writeNumber(JsonText out, Event.OfNumber event) {
    switch (event.kind()) {
      case SEQUENCE ->
          out.begin()
              .field("type", "reserved")
              .key("sequence", event.name())
              .field("next", Long.toString(event.value()));
      case FENCE ->
          out.begin()
              .field("type", "advanced")
              .key("fence", event.name())
              .field("token", event.value());
      case ONCE ->
          out.begin()
              .field("type", "claimed")
              .key("once", event.name())
              .field("token", event.value());
    }
    out.end();
  }

  private static void writeMember(JsonText out, Event.OfMember event) {
    out.begin()
        .field(
            "type",
            switch (event.change()) {
              case ADDED -> "added";
              case PROMOTED -> "promoted";
              case REMOVED -> "removed";
              case ADDRESS -> "client";
            })
        .field("member", event.member().text())
        .field("role", event.role().name().toLowerCase(Locale.ROOT));
    if (!event.address().isEmpty()) {
      out.field("client", event.address());
    }
    out.end();
  }

  private static void writeLock(JsonText out, Event.OfLock event) {
    out.begin().field("type", text(event.change())).key("lock", event.name());
    LeaseId lease = event.lease();
    if (event.token() != 0) {
      out.field("mode", text(event.mode()));
      out.field("token", event.token()).field("owner", event.owner());
    }
    if (lease != null) {
      out.field("lease", lease.toString());
    }
    if (event.change() == Event.LockChange.FORCED) {
      out.field("reason", event.reason());
    }
    out.field("queue_length", event.queueLength()).end();
  }

  private static void writeElection(JsonText out, Event.OfElection event) {
    out.begin()
        .field(
            "type",
            switch (event.change()) {
              case ELECTED -> "elected";
              case VACANT -> "vacant";
              case VALUE -> "value";
              case CANDIDATES -> "candidates";
            })
        .key("election", event.name());
    LeaseId lease = event.lease();
    if (event.token() != 0) {
      out.field("token", event.token()).field("owner", event.owner());
    }
    if (lease != null) {
      out.field("lease", lease.toString());
    }
    if (event.change().tellsValue()) {
      out.content(event.value());
    }
    out.end();
  }

  private static void writeSemaphore(JsonText out, Event.OfSemaphore event) {
    out.begin().field("type", text(event.change())).key("semaphore", event.name());
    if (event.token() != 0) {
      out.field("token", event.token())
          .field("owner", event.owner())
          .field("permits", event.permits());
    }
    LeaseId lease = event.lease();
    if (lease != null) {
      out.field("lease", lease.toString());
    }
    out.field("permits_held", event.permitsHeld()).field("queue_length", event.queueLength()).end();
  }

  private static String text(LockChange change) {
    return switch (change) {
      case ACQUIRED -> "acquired";
      case RELEASED -> "released";
      case EXPIRED -> "expired";
      case FORCED -> "forced";
      case QUEUE -> "queue";
    };
  }

  private static String text(LockMode mode) {
    return switch (mode) {
      case EXCLUSIVE -> "exclusive";
      case SHARED -> "shared";
    };
  }

  private static void writeLease(JsonText out, Event.OfLease event) {
    out.begin()
        .field(
            "type",
            switch (event.end()) {
              case EXPIRED -> "expired";
              case REVOKED -> "revoked";
              case RELEASED -> "released";
            })
        .field("lease", event.lease().toString())
        .end();
  }
}
