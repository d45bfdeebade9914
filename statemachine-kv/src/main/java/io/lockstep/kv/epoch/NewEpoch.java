package io.lockstep.kv.epoch;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.gate.GateTable;
import io.lockstep.kv.id.Beginnings;
import io.lockstep.kv.id.IdTables;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.id.WorkerPool;
import io.lockstep.kv.id.WorkerPool.Slot;
import io.lockstep.kv.id.WorkerTable;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.lease.LeaseTable;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.GrantEnd;
import io.lockstep.kv.lock.Grants;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.LockTable;
import io.lockstep.kv.lock.PlaceTable;
import io.lockstep.kv.lock.Queue;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.kv.result.KeyMeta;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.watch.EventLog;
import io.lockstep.raft.Invariant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state with which a new cluster begins that takes another's place: restored from a backup, or
 * recovered from what one node holds. A pure function of the state before.
 *
 * <p>The cluster before may have gone on after that state, unseen, and may have clients that still
 * trust it. So nothing that it can have given out is given out again: see {@link Jump}. What it
 * promised for a time to holders who may have lost it since ends, or begins anew:
 *
 * <ul>
 *   <li>Grants of locks, semaphores and elections end, as if taken away, and places in queues with
 *       them; a lease that was made for a grant alone ends too.
 *   <li>Every other lease runs for its whole time to live, from the cluster time of the state on:
 *       time begins to pass when the new cluster has a leader. Keys stay on their leases, numbers
 *       of workers and claims of work once a period too.
 *   <li>A worker's number that nobody holds may have been leased since: it rests.
 *   <li>Each sequence and fence goes on above; so do those of which this state does not know.
 *   <li>The past is compacted: a watch from any earlier revision, also from one that this state has
 *       not seen, is told of the gap.
 *   <li>Members and their keys are of the cluster before and go. Keys, latches, what was done once
 *       a period, limits and stored answers stay as they are: what a stored answer tells of was
 *       done in this state, and what it told of grants is told as it is now.
 * </ul>
 */
public final class NewEpoch {
  /** Why grants ended, for those who ask. */
  public static final String REASON = "a restore began a new epoch";

  /** A number of which no holder's time to live is known rests so long, of cluster time. */
  static final long REST_MILLIS_MIN = 60_000;

  private final State before;
  private final Jump jump;
  private final long sure;
  private final long now;

  private NewEpoch(State before, Jump jump, long sure) {
    this.before = before;
    this.jump = jump;
    this.sure = sure;
    this.now = before.clusterTimeMillis();
  }

  /**
   * Why {@code before} can begin no epoch above {@code above}; null when it can.
   *
   * @param above as in {@link #begin}
   */
  public static @Nullable String refusal(State before, long above) {
    if (above < 0 || above >= Jump.END) {
      return "a revision is a number from 0 to 2^53 - 1, not " + above;
    }
    Jump jump = Jump.from(before.revision(), above);
    return jump.hasRoom(before.appliedIndex())
        ? null
        : "the new epoch would begin at revision "
            + jump.revision()
            + ", and numbers end at 2^53: there is no room for another epoch";
  }

  /**
   * The state of the new epoch, which there is no {@link #refusal} of.
   *
   * @param above a revision of another cluster that began from the same state: the epoch begins
   *     above all that it can have given out too. 0 for none
   */
  public static State begin(State before, long above) {
    return begin(before, above, before.revision());
  }

  /**
   * As above, of a state that holds changes of which nobody knows whether they were committed: the
   * cluster before may have made others at those revisions. So the keys that they changed get the
   * epoch's first revision, and claims of work that they made are free again: a revision or a token
   * of before never takes one for the other.
   *
   * @param sure the last revision that is known to have been committed
   */
  public static State begin(State before, long above, long sure) {
    Invariant.check(refusal(before, above) == null, "there is room for an epoch");
    return new NewEpoch(before, Jump.from(before.revision(), above), sure).state();
  }

  private State state() {
    return new State(
        jump.index(before.appliedIndex()),
        now,
        before.limits(),
        EventLog.startingAt(jump.revision(), now, keys(), List.of()),
        leases(),
        locks(),
        PlaceTable.EMPTY,
        before.requests(),
        ids(),
        workers(),
        gates(),
        MemberTable.EMPTY,
        0);
  }

  private KeySpace keys() {
    if (sure >= before.revision()) {
      return before.keys();
    }
    KeySpace.Builder keys = new KeySpace.Builder();
    MapCursor<?, KeyRecord> cursor = before.keys().cursor();
    for (KeyRecord record = cursor.nextValue(); record != null; record = cursor.nextValue()) {
      KeyMeta meta = record.meta();
      KeyMeta anew =
          new KeyMeta(
              known(meta.createRevision()),
              known(meta.modRevision()),
              meta.version(),
              meta.lease());
      keys.add(new KeyRecord(record.key(), record.value(), record.contentType(), anew));
    }
    return keys.build();
  }

  private long known(long revision) {
    return revision > sure ? jump.revision() : revision;
  }

  private LeaseTable leases() {
    List<Lease> running = new ArrayList<>();
    List<Lease> ending = new ArrayList<>();
    MapCursor<LeaseId, Lease> cursor = before.leases().running();
    for (Lease lease = cursor.nextValue(); lease != null; lease = cursor.nextValue()) {
      Lease after = anew(lease);
      running.add(after);
      if (lease.own() && lease.keys().isEmpty()) {
        ending.add(after);
      }
    }
    LeaseTable leases = LeaseTable.restored(running, before.leases().ended());
    for (Lease lease : ending) {
      leases = leases.end(lease, jump.revision(), before.limits().endedLeasesMax());
    }
    return leases;
  }

  /** Without grants and places. One that was made for a grant is there for its keys now. */
  private Lease anew(Lease lease) {
    LeaseKind kind = lease.own() ? LeaseKind.PLAIN : lease.kind();
    Lease bare = Lease.start(lease.id(), lease.ttlMillis(), kind, lease.labels(), now);
    return new Lease(
        bare.id(),
        bare.ttlMillis(),
        bare.deadlineMillis(),
        bare.kind(),
        bare.labels(),
        lease.keys(),
        bare.locks(),
        bare.places());
  }

  private LockTable locks() {
    LockTable locks = LockTable.EMPTY;
    var cursor = before.locks().cursor();
    for (Lock lock = cursor.nextValue(); lock != null; lock = cursor.nextValue()) {
      locks = locks.with(unheld(lock));
    }
    return locks;
  }

  /** Closed for as long as its holders have asked for after they lose it. */
  private Lock unheld(Lock held) {
    Lock lock = held;
    var grants = held.grants().cursor();
    for (Grant grant = grants.nextValue(); grant != null; grant = grants.nextValue()) {
      lock = lock.ended(grant, GrantEnd.FORCED, REASON, now);
      if (grant.delayMillis() > 0) {
        lock = lock.closedUntil(now + grant.delayMillis());
      }
    }
    boolean idleBefore = held.idle();
    return new Lock(
        lock.name(),
        Grants.NONE,
        Queue.EMPTY,
        lock.past(),
        idleBefore ? held.idleSinceMillis() : now,
        lock.opensMillis());
  }

  /**
   * A claim whose token another one may have had is free again: who holds either learns that it is
   * lost, instead of finishing the other's work.
   */
  private GateTable gates() {
    GateTable gates = before.gates();
    var onces = before.gates().onces();
    for (var once = onces.next(); once != null; once = onces.next()) {
      var claims = once.value().running().cursor();
      for (var claim = claims.next(); claim != null; claim = claims.next()) {
        if (claim.value().token() > sure) {
          gates = gates.freed(claim.value().lease(), new GateTable.Work(once.key(), claim.key()));
        }
      }
    }
    return gates;
  }

  private IdTables ids() {
    Beginnings known = before.ids().beginnings();
    IdTables ids =
        IdTables.EMPTY.withBeginnings(
            new Beginnings(jump.id(known.firstId()), jump.id(known.firstStamp()), jump.revision()));
    var sequences = before.ids().sequences();
    for (var next = sequences.next(); next != null; next = sequences.next()) {
      Sequence sequence = next.value();
      long index = jump.index(before.appliedIndex());
      ids =
          ids.with(
              next.key(),
              new Sequence(jump.id(sequence.next()), 0, index, jump.id(sequence.stampEnd())));
    }
    var fences = before.ids().fences();
    for (var next = fences.next(); next != null; next = fences.next()) {
      ids = ids.withFence(next.key(), jump.revision());
    }
    return ids;
  }

  private WorkerTable workers() {
    WorkerTable workers = WorkerTable.EMPTY;
    var pools = before.workers().pools();
    for (var next = pools.next(); next != null; next = pools.next()) {
      WorkerPool pool = next.value();
      long rest = now + longestTtl(pool);
      for (int number = 0; number < pool.slots().size(); number++) {
        Slot slot = pool.slots().require(number);
        Slot after =
            slot.lease() != null
                ? slot
                : new Slot(
                    null,
                    slot.highMillis(),
                    slot.sinceMillis(),
                    Math.max(rest, slot.restsUntilMillis()));
        workers = workers.put(next.key(), workers.pool(next.key(), pool.bits()), number, after);
      }
    }
    return workers;
  }

  /** What those who have leased a number since have probably asked for. */
  private long longestTtl(WorkerPool pool) {
    long longest = REST_MILLIS_MIN;
    MapCursor<Integer, Slot> slots = pool.slots().cursor();
    for (Slot slot = slots.nextValue(); slot != null; slot = slots.nextValue()) {
      LeaseId lease = slot.lease();
      if (lease != null) {
        longest = Math.max(longest, before.leases().require(lease).ttlMillis());
      }
    }
    return longest;
  }
}
