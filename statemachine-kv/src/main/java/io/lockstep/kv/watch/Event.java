package io.lockstep.kv.watch;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.member.MemberRole;
import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * One change that watchers see. Changes of one revision belong together, in the order of their
 * ordinals from 0.
 */
public sealed interface Event {
  /** The revision that the change made. */
  long revision();

  /** The place among the changes of its revision. */
  int ordinal();

  /** A hash of all that this event says. */
  long digest();

  /** What counts against a watch's byte budget. */
  long weightBytes();

  /** What happened to a key. */
  enum KeyChange {
    /** It has a new value. */
    PUT,
    /** It was deleted, or its lease was ended by a client. */
    DELETE,
    /** Its lease expired. */
    EXPIRE
  }

  /**
   * A key changed.
   *
   * @param current null unless it was put
   * @param previous null when the key did not exist before
   */
  record OfKey(
      long revision,
      int ordinal,
      KeyChange change,
      Bytes key,
      @Nullable KeyRecord current,
      @Nullable KeyRecord previous)
      implements Event {
    @Override
    public long digest() {
      return new Digest(1)
          .add(change.name())
          .add(revision)
          .add(ordinal)
          .add(key)
          .add(current == null ? 0 : current.digest())
          .add(previous == null ? 0 : previous.digest())
          .value();
    }

    @Override
    public long weightBytes() {
      int value = current == null ? 0 : current.value().length();
      return 64L + key.length() + value;
    }
  }

  /** What happened to a lock. */
  enum LockChange {
    /** It has a new holder. */
    ACQUIRED,
    /** Its holder gave it back. */
    RELEASED,
    /** Its holder's lease expired. */
    EXPIRED,
    /** It was taken away from its holder. */
    FORCED,
    /** Another waits for it, or one no longer waits. */
    QUEUE
  }

  /**
   * A lock or its queue changed.
   *
   * @param mode of the grant that is told of; exclusive when there is none
   * @param token of the grant that began or ended; for {@link LockChange#QUEUE} the present one, of
   *     several the latest, or 0
   * @param owner of that grant; empty when there is none
   * @param lease of that grant; null when there is none
   * @param queueLength after the change
   * @param reason why it was taken away; empty unless it was
   */
  record OfLock(
      long revision,
      int ordinal,
      LockChange change,
      Bytes name,
      LockMode mode,
      long token,
      String owner,
      @Nullable LeaseId lease,
      long queueLength,
      String reason)
      implements Event {
    @Override
    public long digest() {
      Digest digest =
          new Digest(2)
              .add(change.name())
              .add(revision)
              .add(ordinal)
              .add(name)
              .add(mode.code())
              .add(token)
              .add(owner)
              .addNullable(lease)
              .add(queueLength);
      return change == LockChange.FORCED ? digest.add(reason).value() : digest.value();
    }

    @Override
    public long weightBytes() {
      return 96L + name.length() + owner.length() + reason.length();
    }
  }

  /** What a number that only rises is for. */
  enum NumberKind {
    /** The least id of a sequence that is not reserved. */
    SEQUENCE,
    /** The greatest token that a fence has seen. */
    FENCE,
    /** The token of the latest claim of work once a period. */
    ONCE
  }

  /** A number rose. */
  record OfNumber(long revision, int ordinal, NumberKind kind, Bytes name, long value)
      implements Event {
    @Override
    public long digest() {
      return new Digest(4).add(kind.name()).add(revision).add(ordinal).add(name).add(value).value();
    }

    @Override
    public long weightBytes() {
      return 64L + name.length();
    }
  }

  /** What happened in an election. */
  enum ElectionChange {
    /** Somebody has won. */
    ELECTED,
    /** Who had won is in office no more. */
    VACANT,
    /** Who has won publishes another value. */
    VALUE,
    /** Another stands, or one no longer does; observers are not told. */
    CANDIDATES;

    /** Whether the value is told. */
    public boolean tellsValue() {
      return this == ELECTED || this == VALUE;
    }
  }

  /**
   * An election or its candidates changed.
   *
   * @param token of the winner who came, went or published; else of the present one, or 0
   * @param owner of that winner; empty when there is none
   * @param lease of that winner; null when there is none
   * @param value that is published from now on; empty unless {@link ElectionChange#tellsValue}
   * @param candidates who wait, after the change
   */
  record OfElection(
      long revision,
      int ordinal,
      ElectionChange change,
      Bytes name,
      long token,
      String owner,
      @Nullable LeaseId lease,
      Bytes value,
      long candidates)
      implements Event {
    @Override
    public long digest() {
      return new Digest(5)
          .add(change.name())
          .add(revision)
          .add(ordinal)
          .add(name)
          .add(token)
          .add(owner)
          .addNullable(lease)
          .add(value)
          .add(candidates)
          .value();
    }

    @Override
    public long weightBytes() {
      return 96L + name.length() + owner.length() + value.length();
    }
  }

  /**
   * A semaphore or its queue changed.
   *
   * @param token of the grant that began or ended; for {@link LockChange#QUEUE} the latest one, or
   *     0
   * @param owner of that grant; empty when there is none
   * @param lease of that grant; null when there is none
   * @param permits of that grant; 0 when there is none
   * @param permitsHeld of all who hold some, after the change
   * @param queueLength after the change
   */
  record OfSemaphore(
      long revision,
      int ordinal,
      LockChange change,
      Bytes name,
      long token,
      String owner,
      @Nullable LeaseId lease,
      long permits,
      long permitsHeld,
      long queueLength)
      implements Event {
    @Override
    public long digest() {
      return new Digest(8)
          .add(change.name())
          .add(revision)
          .add(ordinal)
          .add(name)
          .add(token)
          .add(owner)
          .addNullable(lease)
          .add(permits)
          .add(permitsHeld)
          .add(queueLength)
          .value();
    }

    @Override
    public long weightBytes() {
      return 96L + name.length() + owner.length();
    }
  }

  /** What happened to a member. */
  enum MemberChange {
    /** It takes part from now on. */
    ADDED,
    /** It votes from now on. */
    PROMOTED,
    /** It takes part no more. */
    REMOVED,
    /** Clients reach it elsewhere from now on. */
    ADDRESS
  }

  /**
   * Who takes part has changed, or where clients reach a member.
   *
   * @param role what it is there for from now on; of one that was removed, what it was
   * @param address where clients reach it; empty when that is not known
   */
  record OfMember(
      long revision,
      int ordinal,
      MemberChange change,
      NodeId member,
      MemberRole role,
      String address)
      implements Event {
    @Override
    public long digest() {
      return new Digest(6)
          .add(change.name())
          .add(revision)
          .add(ordinal)
          .add(member.text())
          .add(role.name())
          .add(address)
          .value();
    }

    @Override
    public long weightBytes() {
      return 96L + member.text().length() + address.length();
    }
  }

  /** How a lease ended. */
  enum LeaseEnd {
    /** Its time to live passed. */
    EXPIRED,
    /** A client ended it. */
    REVOKED,
    /** The lock that it was made for was given back. */
    RELEASED
  }

  /** A lease that held something ended; what it held ended in the same revision. */
  record OfLease(long revision, int ordinal, LeaseEnd end, LeaseId lease) implements Event {
    @Override
    public long digest() {
      return new Digest(3).add(end.name()).add(revision).add(ordinal).addNullable(lease).value();
    }

    @Override
    public long weightBytes() {
      return 64;
    }
  }
}
