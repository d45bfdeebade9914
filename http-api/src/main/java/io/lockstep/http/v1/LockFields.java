package io.lockstep.http.v1;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.service.LocalState;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.lock.GrantEnd;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.lock.PastGrant;
import io.lockstep.kv.lock.SemaphoreView;
import io.lockstep.kv.result.HolderInfo;
import org.jspecify.annotations.Nullable;

/** What answers say of those who hold a lock or wait for it. */
final class LockFields {
  private LockFields() {}

  /** A mode in words. */
  static String text(LockMode mode) {
    return switch (mode) {
      case EXCLUSIVE -> "exclusive";
      case SHARED -> "shared";
    };
  }

  /** The fields of one holder, into an open object. */
  static JsonText write(JsonText json, HolderInfo holder) {
    return json.field("owner", holder.owner())
        .field("token", holder.token())
        .field("lease", holder.lease().toString())
        .field("since_revision", holder.sinceRevision())
        .field("expires_in_ms", holder.expiresInMillis());
  }

  /** As above, and how long the grant is safe if the state may be old. */
  static JsonText write(JsonText json, HolderInfo holder, @Nullable LocalState stale) {
    write(json, holder);
    return stale == null
        ? json
        : json.field("safe_for_ms", stale.safeForMillis(holder.expiresInMillis()));
  }

  /** The holders as an array. */
  static void writeHolders(JsonText json, LockView lock, @Nullable LocalState stale) {
    json.name("holders").beginArray();
    for (HolderInfo holder : lock.holders()) {
      write(json.begin(), holder, stale).end();
    }
    json.endArray();
  }

  /** A grant that has ended. */
  static void write(JsonText json, PastGrant past, long clusterTimeMillis) {
    json.begin()
        .field("token", past.token())
        .field("owner", past.owner())
        .field("lease", past.lease().toString())
        .field("mode", text(past.mode()))
        .field(
            "end",
            switch (past.end()) {
              case RELEASED -> "released";
              case EXPIRED -> "expired";
              case FORCED -> "forced";
            });
    if (past.end() == GrantEnd.FORCED) {
      json.field("reason", past.reason());
    }
    json.field("held_for_ms", past.endedMillis() - past.sinceMillis())
        .field("ended_ms_ago", clusterTimeMillis - past.endedMillis())
        .end();
  }

  /** One who waits for a lock. */
  static void write(JsonText json, LockView.Place place) {
    writePlace(json.begin().field("mode", text(place.mode())), place);
  }

  /** One who stands in an election. */
  static void writeCandidate(JsonText json, LockView.Place place) {
    writePlace(json.begin().field("priority", place.priority()), place);
  }

  /** One who waits for permits. */
  static void writeWanting(JsonText json, SemaphoreView.Wanting wanting) {
    writePlace(json.begin().field("permits", wanting.permits()), wanting.place());
  }

  private static void writePlace(JsonText json, LockView.Place place) {
    json.field("owner", place.owner())
        .field("ticket", place.ticket().toString())
        .field("age_ms", place.ageMillis())
        .field("remaining_wait_ms", place.remainingWaitMillis());
    LeaseId lease = place.lease();
    if (lease != null) {
      json.field("lease", lease.toString());
    }
    json.end();
  }
}
