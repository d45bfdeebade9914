package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.lease.LeaseView;
import io.lockstep.kv.result.Result;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;

/** The calls of etcd's service of leases, but for those that keep them alive. */
final class LeaseCalls {
  private static final long MILLIS = 1_000;

  /** What a command can carry; far more than a lease may have. */
  private static final long MILLIS_MAX = 1L << 40;

  /** etcd's own bound; this service's is tighter and checked where the lease is made. */
  private static final long TTL_MAX = 9_000_000_000L;

  /** With its default election timeout etcd grants no less. */
  private static final long TTL_MIN = 2;

  private LeaseCalls() {}

  static LeaseId id(ProtoJson message) {
    return new LeaseId(0, message.number("ID"));
  }

  static void grant(EtcdCall call, ProtoJson message) {
    long seconds = Math.max(TTL_MIN, message.number("TTL"));
    long chosen = message.number("ID");
    if (seconds > TTL_MAX) {
      throw new EtcdRefused(EtcdError.TTL_TOO_LARGE);
    }
    grant(
        call,
        chosen == 0 ? drawn(call) : chosen,
        seconds,
        (revision, granted) -> {
          JsonText json = call.begin(revision);
          ProtoText.number(json, "ID", granted.lease().nonce());
          ProtoText.number(json, "TTL", granted.ttlMillis() / MILLIS);
          call.end(json, revision);
        });
  }

  /** A name for a lease that nobody has chosen. */
  static long drawn(EtcdCall call) {
    return call.node().coordinator().nonce() & Long.MAX_VALUE | 1;
  }

  interface Granting {
    void granted(long revision, Result.LeaseGranted granted);
  }

  static void grant(EtcdCall call, long name, long seconds, Granting granting) {
    call.submit(
        new Command.NamedLeaseGrant(Math.min(seconds * MILLIS, MILLIS_MAX), name),
        (revision, success) ->
            granting.granted(revision, EtcdCall.expect(Result.LeaseGranted.class, success)));
  }

  static void revoke(EtcdCall call, ProtoJson message) {
    call.submit(new Command.LeaseRevoke(id(message)), (revision, success) -> call.done(revision));
  }

  static void timeToLive(EtcdCall call, ProtoJson message) {
    LeaseId id = id(message);
    boolean keys = message.flag("keys");
    call.read(
        view -> {
          LeaseView lease = view.lease(id, keys ? Integer.MAX_VALUE : 0);
          JsonText json = call.begin(view.revision());
          ProtoText.number(json, "ID", id.nonce());
          if (lease == null) {
            json.field("TTL", "-1");
          } else {
            write(json, lease);
          }
          call.end(json, view.revision());
        });
  }

  private static void write(JsonText json, LeaseView lease) {
    ProtoText.number(json, "TTL", lease.expiresInMillis() / MILLIS);
    ProtoText.number(json, "grantedTTL", lease.ttlMillis() / MILLIS);
    if (!lease.keys().isEmpty()) {
      json.name("keys").beginArray();
      lease.keys().forEach(key -> json.value(Base64.getEncoder().encodeToString(key.toArray())));
      json.endArray();
    }
  }

  static void leases(EtcdCall call) {
    call.read(
        view -> {
          List<LeaseView> leases = named(view);
          JsonText json = call.begin(view.revision());
          if (!leases.isEmpty()) {
            json.name("leases").beginArray();
            for (LeaseView lease : leases) {
              json.begin();
              ProtoText.number(json, "ID", lease.id().nonce());
              json.end();
            }
            json.endArray();
          }
          call.end(json, view.revision());
        });
  }

  /** The leases that were made here, the next to end first. */
  private static List<LeaseView> named(KvView view) {
    return view.leases(null, labels -> true, Integer.MAX_VALUE, Integer.MAX_VALUE).items().stream()
        .filter(lease -> lease.id().isNamed())
        .sorted(Comparator.comparingLong(LeaseView::expiresInMillis))
        .toList();
  }
}
