package io.lockstep.kv.lock;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.store.Digest;
import io.lockstep.raft.Invariant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A lock, an election or a semaphore: who holds it, who waits, and who held it last. Immutable.
 *
 * @param past the last {@link #PAST_MAX} grants that ended, the oldest end first
 * @param idleSinceMillis since when nobody holds it or waits for it; meaningless otherwise
 * @param opensMillis the last moment of cluster time at which nobody more is granted it, because
 *     the lease of one who held it has expired; 0 when that does not hold it up
 */
public record Lock(
    LockName name,
    Grants grants,
    Queue queue,
    List<PastGrant> past,
    long idleSinceMillis,
    long opensMillis) {
  /** How many grants that ended are remembered. */
  public static final int PAST_MAX = 16;

  /** What a lock with one holder counts for against the quota, beside its name. */
  public static final long WEIGHT_BYTES = 900;

  /** What each who waits counts for against the quota, and each holder beside the first. */
  public static final long WAITER_WEIGHT_BYTES = 400;

  private static final long PAST_WEIGHT_BYTES = 64;

  public Lock {
    past = List.copyOf(past);
  }

  /** A lock that was never held, as far as is remembered. */
  public static Lock unheld(LockName name) {
    return new Lock(name, Grants.NONE, Queue.EMPTY, List.of(), 0, 0);
  }

  /** Whether nobody holds it or waits for it, and who comes may have it. */
  public boolean idle() {
    return grants.isEmpty() && queue.isEmpty() && !closed();
  }

  /** Whether it waits for the end of a delay. */
  public boolean closed() {
    return opensMillis > 0;
  }

  /** The same after its delay. */
  public Lock opened(long clusterTimeMillis) {
    return new Lock(name, grants, queue, past, clusterTimeMillis, 0);
  }

  /** The same with a delay that lasts at least until then. */
  public Lock closedUntil(long millis) {
    return new Lock(name, grants, queue, past, idleSinceMillis, Math.max(opensMillis, millis));
  }

  /**
   * How many permits it has: what those who hold it or wait for it have said. 0 when there are none
   * of them, and for what is no semaphore.
   */
  public int limit() {
    Grant grant = grants.latest();
    if (grant != null) {
      return grant.permits().limit();
    }
    Waiter first = queue.cursor().nextValue();
    return first == null ? 0 : first.bid().permits().limit();
  }

  /** How many permits nobody holds. */
  public long permitsFree() {
    return limit() - grants.permits();
  }

  /** The latest ended grant with this token that is remembered. */
  public @Nullable PastGrant pastByToken(long token) {
    for (PastGrant candidate : past.reversed()) {
      if (candidate.token() == token) {
        return candidate;
      }
    }
    return null;
  }

  /** The latest ended grant to this lease that is remembered. */
  public @Nullable PastGrant pastByLease(LeaseId lease) {
    for (PastGrant candidate : past.reversed()) {
      if (candidate.lease().equals(lease)) {
        return candidate;
      }
    }
    return null;
  }

  /** Whether several were granted the lock under this token, as far as is remembered. */
  public boolean ambiguous(long token) {
    Grant present = grants.under(token);
    PastGrant ended = pastByToken(token);
    return present != null && present.joint() || ended != null && ended.joint();
  }

  public Lock granted(Grant grant) {
    Grant latest = grants.latest();
    Invariant.check(
        latest == null
            || latest.token() < grant.token()
            || latest.token() == grant.token() && grant.joint(),
        "the tokens of a lock increase");
    Invariant.check(
        past.isEmpty() || past.getLast().token() < grant.token(), "a grant outdates those before");
    Invariant.check(!closed(), "nobody is granted a lock during a delay");
    Invariant.check(
        grants.permits() + grant.permits().count() <= grant.permits().limit(),
        "no more permits are held than there are");
    return new Lock(name, grants.with(grant), queue.without(grant.ticket()), past, 0, 0);
  }

  /** A grant moves into the past. */
  public Lock ended(Grant grant, GrantEnd end, String reason, long clusterTimeMillis) {
    List<PastGrant> remembered = new ArrayList<>(past);
    if (remembered.size() == PAST_MAX) {
      remembered.removeFirst();
    }
    remembered.add(PastGrant.of(grant, end, reason, clusterTimeMillis));
    return new Lock(name, grants.without(grant), queue, remembered, clusterTimeMillis, opensMillis);
  }

  public Lock withGrant(Grant changed) {
    Grant before = grants.require(changed.ticket());
    return new Lock(
        name, grants.without(before).with(changed), queue, past, idleSinceMillis, opensMillis);
  }

  public Lock withWaiter(Waiter waiter) {
    return new Lock(name, grants, queue.with(waiter), past, idleSinceMillis, opensMillis);
  }

  public Lock withoutWaiter(TicketId ticket, long clusterTimeMillis) {
    return new Lock(name, grants, queue.without(ticket), past, clusterTimeMillis, opensMillis);
  }

  long weightBytes() {
    return WEIGHT_BYTES
        + name.text().length()
        + WAITER_WEIGHT_BYTES * (queue.size() + Math.max(0, grants.size() - 1))
        + queue.valueBytes()
        + grants.valueBytes()
        + pastBytes();
  }

  private long pastBytes() {
    long sum = 0;
    for (PastGrant grant : past) {
      sum += PAST_WEIGHT_BYTES + grant.owner().length() + grant.reason().length();
    }
    return sum;
  }

  long digest() {
    Digest digest =
        new Digest(queue.digest())
            .add(name)
            .add(idle() ? idleSinceMillis : -1)
            .add(grants.digest());
    past.forEach(grant -> grant.addTo(digest));
    if (closed()) {
      digest.add(opensMillis);
    }
    return digest.value();
  }
}
