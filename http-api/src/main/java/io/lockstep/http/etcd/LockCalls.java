package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.raft.bytes.Bytes;
import java.util.function.LongConsumer;

/** The calls of etcd's service of locks. */
final class LockCalls {
  /** What a lease has that is made for a lock or a candidate. */
  private static final long TTL_SECONDS = 60;

  private LockCalls() {}

  /** Answers when the lock is held. */
  static void lock(EtcdCall call, WatchHub hub, ProtoJson message) {
    Bytes name = message.bytes("name");
    withLease(
        call,
        message.number("lease"),
        lease ->
            new Candidacy(
                    call,
                    hub,
                    name,
                    lease,
                    (first, entered, present) -> {
                      JsonText json = call.begin(present);
                      ProtoText.bytes(json, "key", first.key());
                      call.end(json, present);
                    })
                .enter(Bytes.EMPTY));
  }

  static void unlock(EtcdCall call, ProtoJson message) {
    KvCalls.remove(call, message.bytes("key"));
  }

  /** Goes on with the lease that is given, or with one that is made. */
  static void withLease(EtcdCall call, long lease, LongConsumer then) {
    if (lease != 0) {
      then.accept(lease);
    } else {
      LeaseCalls.grant(
          call,
          LeaseCalls.drawn(call),
          TTL_SECONDS,
          (revision, granted) -> then.accept(granted.lease().nonce()));
    }
  }
}
