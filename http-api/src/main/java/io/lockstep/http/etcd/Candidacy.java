package io.lockstep.http.etcd;

import io.lockstep.http.response.Utf8;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.Refusal;
import io.lockstep.http.v1.Mutations;
import io.lockstep.http.watch.RevisionSink;
import io.lockstep.http.watch.RevisionWatch;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.RecordsFound;
import io.lockstep.kv.result.Result.Success;
import io.lockstep.kv.result.Result.TxnDone;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.txn.Compare;
import io.lockstep.kv.txn.KeyQuery;
import io.lockstep.kv.txn.KeyQuery.Bounds;
import io.lockstep.kv.txn.KeyQuery.Order;
import io.lockstep.kv.txn.KeyQuery.Target;
import io.lockstep.kv.txn.Operand;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Operator;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.WatchStep;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A place in line by etcd's recipe: a key below the name, on the client's lease, ordered by the
 * revision that created it; the first is whoever it is about. Clients read these keys themselves,
 * so their form is part of the interface. A client that hangs up while it waits leaves the line.
 * Owned by its exchange's loop.
 */
final class Candidacy implements RevisionSink {
  private static final long LEAVE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int LOOKS_MAX = 100_000;

  private final EtcdCall call;
  private final WatchHub hub;
  private final Bytes prefix;
  private final Bytes key;
  private final long lease;
  private final Winning winning;
  private long created;
  private long entered;
  private @Nullable RevisionWatch watch;

  /** What happens when it is first in line. */
  interface Winning {
    /**
     * It is first.
     *
     * @param entered the revision at which it was in line
     * @param present the revision at which it was seen to be first
     */
    void won(Candidacy first, long entered, long present);
  }

  Candidacy(EtcdCall call, WatchHub hub, Bytes name, long lease, Winning winning) {
    this.call = call;
    this.hub = hub;
    this.prefix = below(name);
    this.key = below(name, Long.toHexString(lease));
    this.lease = lease;
    this.winning = winning;
  }

  /** Where the keys of a name lie. */
  static Bytes below(Bytes name) {
    return below(name, "");
  }

  private static Bytes below(Bytes name, String last) {
    Bytes end = Bytes.utf8("/" + last);
    byte[] all = new byte[name.length() + end.length()];
    System.arraycopy(name.toArray(), 0, all, 0, name.length());
    System.arraycopy(end.toArray(), 0, all, name.length(), end.length());
    return Bytes.wrap(all);
  }

  /** The first in line below a prefix; null when there is none. */
  static @Nullable KeyRecord first(KeySpace keys, Bytes prefix) {
    RecordsFound found = firstOf(prefix).in(keys, LOOKS_MAX, Long.MAX_VALUE);
    return found == null || found.records().isEmpty() ? null : found.records().getFirst();
  }

  private static KeyQuery firstOf(Bytes prefix) {
    return new KeyQuery(
        KeyRange.prefix(prefix),
        0,
        1,
        Order.ASCENDING,
        Target.CREATE_REVISION,
        Bounds.NONE,
        false,
        false);
  }

  /** A condition that the key was created at this revision; 0 that it does not exist. */
  static Compare createdAt(Bytes key, long revision) {
    return new Compare.Keys(KeyRange.of(key), new Operand.CreateRevision(revision), Operator.EQUAL);
  }

  Bytes key() {
    return key;
  }

  long created() {
    return created;
  }

  long lease() {
    return lease;
  }

  /** Takes a place in line, or the one that this lease has already, and waits to be first. */
  void enter(Bytes value) {
    String type = Utf8.valid(value) ? "text/plain; charset=utf-8" : "application/octet-stream";
    LeaseBinding binding = new LeaseBinding.Attach(new LeaseId(0, lease));
    Operation again = new Operation.Rewrite(key, new Operation.Content(value, type), binding);
    // Who is in line already and says the same again changes nothing.
    Transaction known =
        new Transaction(
            List.of(
                new Compare.Keys(KeyRange.of(key), new Operand.Value(value), Operator.NOT_EQUAL)),
            List.of(again),
            List.of());
    Transaction entering =
        new Transaction(
            List.of(createdAt(key, 0)),
            List.of(
                new Operation.Put(key, value, type, binding), new Operation.Find(firstOf(prefix))),
            List.of(
                new Operation.Find(KeyQuery.all(KeyRange.of(key))),
                new Operation.Find(firstOf(prefix)),
                new Operation.Nested(known)));
    call.submitEvenIfGone(
        new Command.Txn(entering, List.of()),
        (revision, success) -> entered(revision, EtcdCall.expect(TxnDone.class, success)));
  }

  private void entered(long revision, TxnDone done) {
    // That it says something else is told by a revision of its own, as etcd has it.
    entered = saidAnew(done) ? revision - 1 : revision;
    Success own = done.results().getFirst();
    created =
        done.then()
            ? EtcdCall.expect(KeyPut.class, own).meta().createRevision()
            : EtcdCall.expect(RecordsFound.class, own).records().getFirst().meta().createRevision();
    RecordsFound first = EtcdCall.expect(RecordsFound.class, done.results().get(1));
    if (call.exchange().over()) {
      leave();
    } else if (first.records().getFirst().key().equals(key)) {
      winning.won(this, entered, revision);
    } else {
      call.exchange().whenGone(this::gone);
      watch = hub.watch(new Selection.KeyPrefix(prefix), revision, this);
    }
  }

  private static boolean saidAnew(TxnDone done) {
    return !done.then() && EtcdCall.expect(TxnDone.class, done.results().getLast()).then();
  }

  @Override
  public boolean full() {
    return false;
  }

  @Override
  public int changes(WatchStep.Changes changes) {
    look();
    return 0;
  }

  private void look() {
    Coordinator coordinator = call.node().coordinator();
    var view = coordinator.view();
    KeySpace keys = view.events().head().keys();
    KeyRecord own = keys.get(key);
    KeyRecord first = first(keys, prefix);
    if (own == null || own.meta().createRevision() != created) {
      end();
      call.refuse(EtcdError.LEASE_NOT_FOUND);
    } else if (first != null && first.key().equals(key)) {
      end();
      call.exchange().run(() -> winning.won(this, entered, view.revision()));
    }
  }

  /** Who waited so long looks at what is. */
  @Override
  public void gap(long oldestRevision) {
    watch = null;
    look();
    if (!call.exchange().over()) {
      long present = call.node().coordinator().view().revision();
      watch = hub.watch(new Selection.KeyPrefix(prefix), present, this);
    }
  }

  /** The place stays, for as long as its lease: the client may ask another node for it. */
  @Override
  public void stopping() {
    call.refuse(EtcdError.of(Refusal.SHUTTING_DOWN));
  }

  @Override
  public void diverged() {
    call.refuse(EtcdError.of(Refusal.DIVERGED));
  }

  private void gone() {
    end();
    leave();
  }

  private void end() {
    if (watch != null) {
      watch.cancel();
    }
  }

  /** Nobody waits any more. */
  private void leave() {
    Transaction leaving =
        new Transaction(
            List.of(createdAt(key, created)),
            List.of(new Operation.Delete(KeyRange.of(key), 0)),
            List.of());
    Coordinator coordinator = call.node().coordinator();
    coordinator.submit(
        new Request(Mutations.PRINCIPAL, null, new Command.Txn(leaving, List.of())),
        coordinator.clock().nanoTime() + LEAVE_NANOS,
        answer -> {});
  }
}
