package io.lockstep.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.Delete;
import io.lockstep.kv.command.Command.LeaseGrant;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.Put;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.KeyCondition.Always;
import io.lockstep.kv.command.LeaseBinding.Attach;
import io.lockstep.kv.command.LeaseBinding.Detach;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.Renewal.OfLease;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.epoch.NewEpoch;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.watch.Event;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A state machine that is fed by hand: time passes when a test says so, every command is an entry,
 * and each is published at once.
 */
public final class TestMachine {
  /** A node that waits on clients' behalf. */
  public static final Server SERVER = new Server(new NodeId("n1"), 1);

  public final KvStateMachine machine;
  public long now = 1_000;
  private long index;

  public TestMachine() {
    this(new Rules());
  }

  public TestMachine(Rules rules) {
    machine = new KvStateMachine(() -> {}, rules);
  }

  private TestMachine(KvStateMachine machine) {
    this.machine = machine;
    index = machine.view().appliedIndex();
    now = machine.view().clusterTimeMillis();
  }

  /** A cluster that was restored from a backup of this one, in its first moment. */
  public TestMachine restored(long above) {
    State before = ((KvSnapshot) machine.snapshot()).state();
    KvSnapshot begun = new KvSnapshot(NewEpoch.begin(before, above));
    List<Bytes> chunks = new ArrayList<>();
    KvStateMachine anew = new KvStateMachine(() -> {});
    try {
      begun.writeTo(chunks::add);
      Iterator<Bytes> rest = chunks.iterator();
      anew.restore(() -> rest.hasNext() ? rest.next() : null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    anew.publish();
    assertEquals(begun.state().digest(), anew.view().stateHash());
    return new TestMachine(anew);
  }

  public static Bytes b(String text) {
    return Bytes.utf8(text);
  }

  /** The next entry's index. */
  public long nextIndex() {
    return index + 1;
  }

  public TestMachine after(long millis) {
    now += millis;
    return this;
  }

  /** An entry that carries nothing but its stamp. */
  public Applied tick() {
    return entry(EntryKind.EMPTY, Bytes.EMPTY);
  }

  public Applied entry(EntryKind kind, Bytes payload) {
    index++;
    Applied applied = machine.apply(new Entry(index, 1, now, kind, payload));
    machine.publish();
    return applied;
  }

  public Result apply(Command command) {
    return submit(command).result();
  }

  public Applied submit(Command command) {
    Request request = new Request("anonymous", null, command);
    return entry(EntryKind.COMMAND, RequestCodec.encode(request));
  }

  /** A request with an idempotency key; its fingerprint is the command's text. */
  public Applied submit(String key, Command command) {
    return submit(new RequestKey("me", b(key), digestOf(command)), command);
  }

  public Applied submit(RequestKey key, Command command) {
    return entry(EntryKind.COMMAND, RequestCodec.encode(new Request("me", key, command)));
  }

  private static Bytes digestOf(Command command) {
    return b(Integer.toHexString(command.toString().hashCode()));
  }

  public KvView view() {
    return machine.view();
  }

  public long revision() {
    return view().revision();
  }

  /** The answer as what it must be. */
  public <T extends Result> T apply(Class<T> kind, Command command) {
    return assertInstanceOf(kind, apply(command));
  }

  public static Put put(String key, String value) {
    return put(key, value, new Always());
  }

  public static Put put(String key, String value, KeyCondition condition) {
    return new Put(b(key), b(value), "text/plain", new Detach(), condition, List.of(), false);
  }

  public static Put put(String key, String value, LeaseId lease) {
    return new Put(
        b(key), b(value), "text/plain", new Attach(lease), new Always(), List.of(), false);
  }

  public static Put guarded(String key, String value, LockGuard... guards) {
    return new Put(
        b(key), b(value), "text/plain", new Detach(), new Always(), List.of(guards), false);
  }

  public static Delete delete(String key) {
    return new Delete(b(key), new Always(), List.of(), false);
  }

  public static LockAcquire acquire(String lock, LeaseId lease, long waitMillis) {
    return new LockAcquire(
        b(lock), new ExistingLease(lease), "owner", waitMillis, SERVER, false, 7);
  }

  /** An acquire whose place outlives the node that waits. */
  public static LockAcquire acquireKept(String lock, LeaseId lease, long waitMillis) {
    return new LockAcquire(b(lock), new ExistingLease(lease), "owner", waitMillis, SERVER, true, 7);
  }

  public static LockAcquire acquireOwn(String lock, long ttlMillis, long waitMillis) {
    return new LockAcquire(b(lock), new OwnLease(ttlMillis), "owner", waitMillis, SERVER, false, 7);
  }

  public static LockRelease release(String lock, long token) {
    return new LockRelease(b(lock), new ByToken(token));
  }

  public static Renew renew(LeaseId lease) {
    return new Renew(List.of(new OfLease(lease)));
  }

  public LeaseId lease(long ttlMillis) {
    return apply(LeaseGranted.class, new LeaseGrant(ttlMillis, 99)).lease();
  }

  public LockGranted lock(String lock, LeaseId lease) {
    return apply(LockGranted.class, acquire(lock, lease, 0));
  }

  public RenewalResult renewed(LeaseId lease) {
    return apply(Renewed.class, renew(lease)).results().getFirst();
  }

  /** A key's value; null when there is none. */
  public String value(String key) {
    KeyRecord record = view().get(b(key));
    return record == null ? null : record.value().utf8();
  }

  /** Who holds a lock: its token; 0 when it is free. */
  public long holder(String lock) {
    var view = view().lock(b(lock), 0);
    return view == null || view.holder() == null ? 0 : view.holder().token();
  }

  /** The events of one revision. */
  public List<Event> events(long revision) {
    return view().events().at(revision).events();
  }
}
