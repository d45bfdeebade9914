package io.lockstep.kv;

import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.gate.Latch;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.lease.LeaseListing;
import io.lockstep.kv.lease.LeaseView;
import io.lockstep.kv.lock.GrantView;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.lock.SemaphoreView;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.store.KeyListing;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.RangePage;
import io.lockstep.kv.watch.EventLog;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All state after one entry, to be read. Immutable; any thread may read it, without lock, for as
 * long as it likes: several reads of one view are of one moment.
 *
 * <p>A revision that is asked for must be {@link #readable}: this view cannot change between that
 * check and the read. Times that are left count from {@link #clusterTimeMillis}.
 */
public interface KvView {
  /** The index of the last entry in this state; 0 before the first. */
  long appliedIndex();

  /** The present revision; 1 for an empty cluster. */
  long revision();

  /** The stamp of the last entry. */
  long clusterTimeMillis();

  /** The last revision that is forgotten; the next is the oldest that can be read. */
  long compactedRevision();

  /**
   * Up to which revision a {@code Compact} is due by the limits; {@link #compactedRevision} when
   * none is.
   */
  long compactionTarget();

  Limits limits();

  /** What all state counts for against the quota. */
  long usedBytes();

  /** Whether the state at {@code revision} is neither forgotten nor yet to come. */
  boolean readable(long revision);

  /** The key now; null when there is none. */
  @Nullable KeyRecord get(Bytes key);

  /** The key at a readable revision; null when there was none. */
  @Nullable KeyRecord get(Bytes key, long atRevision);

  /**
   * A page of the keys that start with {@code prefix}, at a readable revision.
   *
   * @param after the page begins after this key; null for the first page
   * @param limit at most so many items
   * @param bytesMax of keys and values together; one item is given even if it alone is more
   */
  RangePage range(Bytes prefix, @Nullable Bytes after, int limit, long bytesMax, long atRevision);

  /**
   * A page of names directly below {@code prefix}, at a readable revision. O(log n) a name, however
   * many keys it stands for.
   *
   * @param delimiter up to which longer names are drawn together; empty to list all keys
   * @param after {@link KeyListing#next} of the page before; null for the first
   */
  KeyListing list(Bytes prefix, Bytes delimiter, @Nullable Bytes after, int limit, long atRevision);

  /** The lease if it runs, with at most {@code keysMax} of its keys. */
  @Nullable LeaseView lease(LeaseId lease, int keysMax);

  /**
   * A page of the leases that run, in the order of their making.
   *
   * @param after the page begins after this one; null for the first page
   * @param labels which leases are wanted, by their labels
   * @param limit at most so many
   * @param looksMax at most so many are looked at, wanted or not
   */
  LeaseListing leases(
      @Nullable LeaseId after, Predicate<List<Label>> labels, int limit, int looksMax);

  /**
   * Why a lease does not run: {@link Failure.LeaseEnded}, or {@link Failure.LeaseNotFound} if it
   * was never made.
   */
  Failure leaseAbsence(LeaseId lease);

  /**
   * The lock or election, with at most {@code shownMax} of those who hold it and of those who wait;
   * null for one that is not remembered: it is free.
   */
  @Nullable LockView lock(LockName name, int shownMax);

  /** The lock of this name. */
  default @Nullable LockView lock(Bytes name, int shownMax) {
    return lock(LockName.lock(name), shownMax);
  }

  /**
   * The semaphore, with at most {@code shownMax} of those who hold permits and of those who wait;
   * null for one that is not remembered: all its permits are free.
   */
  @Nullable SemaphoreView semaphore(Bytes name, int shownMax);

  /** The lease of a grant under this token; null when there is none. */
  @Nullable LeaseId leaseOfGrant(LockName name, long token);

  /** What this lease holds of a lock, an election or a semaphore; null when it holds nothing. */
  @Nullable GrantView grant(LockName name, LeaseId lease);

  /**
   * What has become of a ticket: {@link Result.LockGranted}, {@link Result.LockQueued}, {@link
   * Failure.TicketEnded} or {@link Failure.TicketNotFound}.
   */
  Result ticket(TicketId ticket);

  /** How far a sequence is reserved. */
  Sequence sequence(Bytes name);

  /** The greatest token that a fence has seen; 0 for one that has seen none. */
  long fence(Bytes name);

  /** The latch; null when nobody has arrived at it. */
  @Nullable Latch latch(Bytes name);

  /** The request with this idempotency key; null when it was never seen or is forgotten. */
  @Nullable KnownRequest request(String scope, Bytes text);

  /** The members, and where clients reach them. */
  MemberTable members();

  /** The events that are remembered, for {@code WatchCursor}. */
  EventLog events();

  KvFigures figures();

  /**
   * A hash of all state, equal on replicas at equal {@link #appliedIndex}. Sums of subtrees are
   * remembered in the shared structure: the first call costs all state (about 1 s a GiB), a later
   * one on any later view only what changed since.
   */
  long stateHash();
}
