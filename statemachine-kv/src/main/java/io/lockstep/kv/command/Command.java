package io.lockstep.kv.command;

import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * One change that is asked of the state machine. A command is data from a client: nothing in it is
 * trusted, and one that cannot be done is answered by a {@code Failure}, with nothing applied.
 */
public sealed interface Command {
  /**
   * Sets a key's value.
   *
   * @param contentType what the value is, as the writer said; at most 256 bytes of UTF-8
   * @param returnCurrent whether a refusal carries the present value
   */
  record Put(
      Bytes key,
      Bytes value,
      String contentType,
      LeaseBinding lease,
      KeyCondition condition,
      List<LockGuard> guards,
      boolean returnCurrent)
      implements Command {
    public Put {
      guards = List.copyOf(guards);
    }
  }

  /** Removes a key. */
  record Delete(Bytes key, KeyCondition condition, List<LockGuard> guards, boolean returnCurrent)
      implements Command {
    public Delete {
      guards = List.copyOf(guards);
    }
  }

  /**
   * Removes the keys that start with {@code prefix}, in key order, in one revision.
   *
   * @param prefix may be empty: all keys
   * @param limit at most so many; 0 for all, refused when they are more than {@link
   *     Limits#keysOfRangeDeleteMax}
   */
  record DeletePrefix(Bytes prefix, long limit, List<LockGuard> guards) implements Command {
    public DeletePrefix {
      guards = List.copyOf(guards);
    }
  }

  /**
   * Adds to a counter: a key whose value is a decimal number of 64 bits. An absent key counts as 0;
   * one that exists keeps its lease and content type.
   *
   * @param delta may be negative
   */
  record Add(
      Bytes key, long delta, KeyCondition condition, List<LockGuard> guards, boolean returnCurrent)
      implements Command {
    public Add {
      guards = List.copyOf(guards);
    }
  }

  /** Does one branch of a transaction, all of it or nothing, at one revision. */
  record Txn(Transaction transaction, List<LockGuard> guards) implements Command {
    public Txn {
      guards = List.copyOf(guards);
    }
  }

  /**
   * Makes a lease. Its id is {@code LeaseId(log index, nonce)}.
   *
   * @param nonce drawn at random by the proposing node
   * @param labels in the order of their names, each name once
   */
  record LeaseGrant(long ttlMillis, long nonce, List<Label> labels) implements Command {
    public LeaseGrant {
      labels = List.copyOf(labels);
    }

    /** Without labels. */
    public LeaseGrant(long ttlMillis, long nonce) {
      this(ttlMillis, nonce, List.of());
    }
  }

  /**
   * Makes a lease whose name its client has chosen. Its id is {@code LeaseId(0, name)}: it is free
   * again when the lease has ended.
   */
  record NamedLeaseGrant(long ttlMillis, long name) implements Command {}

  /** Lets leases run anew from the entry's cluster time; one result each, in order. */
  record Renew(List<Renewal> renewals) implements Command {
    public Renew {
      renewals = List.copyOf(renewals);
    }
  }

  /** Ends a lease, and with it in one revision all that it holds. */
  record LeaseRevoke(LeaseId lease) implements Command {}

  /**
   * Takes a lock, or a place in its queue; or stands in an election. The ticket of the place is
   * {@code TicketId(log index, nonce)}.
   *
   * @param mode exclusive in an election
   * @param owner free text that others see; at most 256 bytes of UTF-8
   * @param bid what a candidate brings into an election
   * @param waitMillis of cluster time until the place ends; 0 only tries
   * @param queueTtlMillis how long the place lasts from now and from each poll of its ticket on,
   *     whoever waits; 0 for one that is not polled
   * @param server the node that waits for the grant on the client's behalf
   * @param keepPlace whether the place survives its server, as that of a request with an
   *     idempotency key does
   * @param nonce drawn at random by the proposing node; also that of an {@link Holder.OwnLease}
   * @param also further locks, all of them or none, exclusively; ascending, and after {@code name}
   * @param delayMillis of cluster time for which nobody else gets it after the grant's lease has
   *     expired; 0 for a semaphore
   */
  record LockAcquire(
      LockName name,
      LockMode mode,
      Holder holder,
      String owner,
      Bid bid,
      long waitMillis,
      long queueTtlMillis,
      Server server,
      boolean keepPlace,
      long nonce,
      List<LockName> also,
      long delayMillis)
      implements Command {
    public LockAcquire {
      also = List.copyOf(also);
    }

    /** Takes several locks, without a delay. */
    public LockAcquire(
        LockName name,
        LockMode mode,
        Holder holder,
        String owner,
        Bid bid,
        long waitMillis,
        long queueTtlMillis,
        Server server,
        boolean keepPlace,
        long nonce,
        List<LockName> also) {
      this(
          name,
          mode,
          holder,
          owner,
          bid,
          waitMillis,
          queueTtlMillis,
          server,
          keepPlace,
          nonce,
          also,
          0);
    }

    /** The same with a delay after the expiry of its lease. */
    public LockAcquire delayed(long millis) {
      return new LockAcquire(
          name,
          mode,
          holder,
          owner,
          bid,
          waitMillis,
          queueTtlMillis,
          server,
          keepPlace,
          nonce,
          also,
          millis);
    }

    /** Takes one lock, or stands in an election. */
    public LockAcquire(
        LockName name,
        LockMode mode,
        Holder holder,
        String owner,
        Bid bid,
        long waitMillis,
        long queueTtlMillis,
        Server server,
        boolean keepPlace,
        long nonce) {
      this(
          name,
          mode,
          holder,
          owner,
          bid,
          waitMillis,
          queueTtlMillis,
          server,
          keepPlace,
          nonce,
          List.of());
    }

    /** Takes a lock exclusively. */
    public LockAcquire(
        Bytes name,
        Holder holder,
        String owner,
        long waitMillis,
        Server server,
        boolean keepPlace,
        long nonce) {
      this(
          LockName.lock(name),
          LockMode.EXCLUSIVE,
          holder,
          owner,
          Bid.NONE,
          waitMillis,
          0,
          server,
          keepPlace,
          nonce);
    }

    /** All that it takes, ascending. */
    public List<LockName> names() {
      if (also.isEmpty()) {
        return List.of(name);
      }
      List<LockName> names = new ArrayList<>(1 + also.size());
      names.add(name);
      names.addAll(also);
      return names;
    }

    /** How long a place lasts that is taken now. */
    public long placeMillis() {
      return Math.max(waitMillis, queueTtlMillis);
    }
  }

  /** Gives a lock or an office back. Idempotent. */
  record LockRelease(LockName name, Claim claim) implements Command {
    /** Gives a lock back. */
    public LockRelease(Bytes name, Claim claim) {
      this(LockName.lock(name), claim);
    }
  }

  /**
   * Ends a wait.
   *
   * @param sparesGrant what becomes of a grant that came meanwhile: kept, and the answer, because
   *     another attempt of the same request may have been told of it; or else released
   */
  record LockLeave(LockName name, TicketId ticket, boolean sparesGrant) implements Command {
    /** A grant of a lock that came meanwhile is released. */
    public LockLeave(Bytes name, TicketId ticket) {
      this(LockName.lock(name), ticket, false);
    }
  }

  /**
   * Takes a lock away from all who hold it.
   *
   * @param token only from who holds it under this one; 0 for whoever does
   * @param reason free text that others see; at most 256 bytes of UTF-8
   */
  record LockForce(LockName name, long token, String reason) implements Command {}

  /** Publishes another value of an election's winner. */
  record Proclaim(LockName name, Claim claim, Bytes value) implements Command {}

  /**
   * Hands an office over to a candidate in one revision.
   *
   * @param to the owner that the candidate gave; of several the one whose turn comes first
   */
  record Transfer(LockName name, Claim claim, String to) implements Command {}

  /**
   * A node that waits on clients' behalf is there. One that is not heard for {@link
   * Limits#serverSilenceMillis} of cluster time loses its places.
   */
  record ServerAlive(Server server) implements Command {}

  /** A member says where clients reach it. */
  record AnnounceAddress(NodeId member, String url) implements Command {}

  /**
   * A member signs grants with this key from now on. The private half never leaves its node.
   *
   * @param key an Ed25519 public key, as RFC 8032 writes it
   */
  record PublishKey(NodeId member, Bytes key) implements Command {}

  /** Of sequences and fences. */
  sealed interface OfIds extends Command {}

  /**
   * Reserves a block of a sequence for a node that gives ids out of it.
   *
   * @param count may be 0, when only time is wanted
   * @param owner drawn at random by each life of a node; not 0
   * @param stampUntil stamps below are reserved too; 0 for none
   */
  record ReserveIds(Bytes name, long count, long owner, long stampUntil) implements OfIds {}

  /**
   * Takes ids of a sequence for one call. Out of a block they are taken by naming it, so that apply
   * can tell whether the block is still good; otherwise, and for lack of any, they are new ones.
   *
   * @param count 1 to {@code Sequence.COUNT_MAX}
   * @param stamped whether each id gets a stamp of a hybrid logical clock
   * @param since which block: see {@code Sequence}
   * @param first of the ids out of that block; 0 for none
   * @param stampFirst of their stamps; at least so much, when they are new ones
   */
  record TakeIds(Bytes name, long count, boolean stamped, long since, long first, long stampFirst)
      implements OfIds {
    /** What a client asks for. */
    public TakeIds(Bytes name, long count, boolean stamped) {
      this(name, count, stamped, 0, 0, 0);
    }
  }

  /** Raises a fence to {@code token}, if it has seen none that is greater. */
  record AdvanceFence(Bytes name, long token) implements OfIds {}

  /**
   * Leases the least free number of a pool of worker ids. The lease's id is {@code LeaseId(log
   * index, nonce)}.
   *
   * @param bits the pool has two to the power of so many numbers
   * @param nonce drawn at random by the proposing node
   * @param wallMillis what a clock of the world shows at the proposing node
   */
  record LeaseWorkerId(Bytes name, int bits, long ttlMillis, long nonce, long wallMillis)
      implements OfIds {}

  /** Of latches and of work once a period. */
  sealed interface OfGates extends Command {}

  /**
   * Somebody has arrived at a latch. Idempotent for each {@code id}.
   *
   * @param parties how many the latch waits for
   * @param id tells those who arrive from each other
   */
  record ArriveLatch(Bytes name, int parties, Bytes id) implements OfGates {}

  /** Removes a latch, open or not: it begins anew with the next who arrives. */
  record RemoveLatch(Bytes name) implements OfGates {}

  /**
   * Claims the work of one period. The lease's id is {@code LeaseId(log index, nonce)}.
   *
   * @param period named by the caller; no clock has to do with it
   * @param nonce drawn at random by the proposing node
   */
  record ClaimOnce(Bytes name, Bytes period, long ttlMillis, long nonce) implements OfGates {}

  /** The work that was claimed under this token is done, for ever. Idempotent. */
  record FinishOnce(Bytes name, long token) implements OfGates {}

  /** Forgets the past up to {@code revision}; at most as much as the limits allow. */
  record Compact(long revision) implements Command {}

  /** Replaces the limits that apply consults. */
  record SetLimits(Limits limits) implements Command {}
}
