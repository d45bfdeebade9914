package io.lockstep.kv.snapshot;

import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.member.MemberRole;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.ElectionChange;
import io.lockstep.kv.watch.Event.KeyChange;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.kv.watch.Event.LockChange;
import io.lockstep.kv.watch.Event.MemberChange;
import io.lockstep.kv.watch.Event.NumberKind;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** The encoding of one change. Its revision and ordinal are told by where it stands. */
final class EventCodec {
  private static final int KEY = 1;
  private static final int LOCK = 2;
  private static final int LEASE = 3;

  /** As {@link #LOCK}, of a shared grant; since format 2. */
  private static final int SHARED_LOCK = 4;

  /** Since format 2. */
  private static final int NUMBER = 5;

  private static final int ELECTION = 6;

  /** Since format 4. */
  private static final int SEMAPHORE = 8;

  /** Since format 4. */
  private static final int MEMBER = 7;

  private EventCodec() {}

  /**
   * Writes a change.
   *
   * @param whole whether with what it superseded, which later changes need not tell
   */
  static void write(ByteWriter out, Event event, boolean whole) {
    switch (event) {
      case Event.OfKey of -> writeOfKey(out.u8(KEY), of, whole);
      case Event.OfLock of ->
          writeOfLock(out.u8(of.mode() == LockMode.SHARED ? SHARED_LOCK : LOCK), of);
      case Event.OfNumber of ->
          out.u8(NUMBER).u8(code(of.kind())).bytes(of.name()).varint(of.value());
      case Event.OfMember of ->
          out.u8(MEMBER)
              .u8(code(of.change()))
              .text(of.member().text())
              .u8(code(of.role()))
              .text(of.address());
      case Event.OfElection of -> writeOfElection(out.u8(ELECTION), of);
      case Event.OfSemaphore of -> writeOfSemaphore(out.u8(SEMAPHORE), of);
      case Event.OfLease of -> FieldCodec.write(out.u8(LEASE).u8(code(of.end())), of.lease());
    }
  }

  /** A change of the oldest revision; {@code keys} are those after it. */
  static Event readOldest(ByteReader in, long revision, int ordinal, KeySpace keys) {
    int kind = in.u8();
    if (kind != KEY) {
      return readOther(kind, in, revision, ordinal);
    }
    KeyChange change = keyChange(in.u8());
    KeyRecord current = change == KeyChange.PUT ? shared(Fields.record(in), keys) : null;
    Bytes key = current == null ? Fields.name(in) : current.key();
    KeyRecord previous = in.bool() ? Fields.record(in) : null;
    return new Event.OfKey(revision, ordinal, change, key, current, previous);
  }

  /** A change of a later revision; {@code keys} are those before it. */
  static Event read(ByteReader in, long revision, int ordinal, KeySpace keys) {
    int kind = in.u8();
    if (kind != KEY) {
      return readOther(kind, in, revision, ordinal);
    }
    KeyChange change = keyChange(in.u8());
    KeyRecord current = change == KeyChange.PUT ? Fields.record(in) : null;
    Bytes key = current == null ? Fields.name(in) : current.key();
    KeyRecord previous = keys.get(key);
    if (current == null && previous == null) {
      throw new Malformed("a key ends that there was not");
    }
    return new Event.OfKey(revision, ordinal, change, key, current, previous);
  }

  private static Event readOther(int kind, ByteReader in, long revision, int ordinal) {
    return switch (kind) {
      case LOCK -> readOfLock(in, revision, ordinal, LockMode.EXCLUSIVE);
      case SHARED_LOCK -> readOfLock(in, revision, ordinal, LockMode.SHARED);
      case ELECTION -> readOfElection(in, revision, ordinal);
      case SEMAPHORE -> readOfSemaphore(in, revision, ordinal);
      case LEASE -> new Event.OfLease(revision, ordinal, leaseEnd(in.u8()), FieldCodec.leaseId(in));
      case NUMBER ->
          new Event.OfNumber(
              revision, ordinal, numberKind(in.u8()), Fields.name(in), Fields.number(in));
      case MEMBER ->
          new Event.OfMember(
              revision,
              ordinal,
              memberChange(in.u8()),
              Fields.node(in),
              memberRole(in.u8()),
              Fields.address(in));
      default -> throw new Malformed("unknown change " + kind);
    };
  }

  private static Event readOfLock(ByteReader in, long revision, int ordinal, LockMode mode) {
    LockChange change = lockChange(in.u8());
    return new Event.OfLock(
        revision,
        ordinal,
        change,
        Fields.name(in),
        mode,
        Fields.number(in),
        FieldCodec.text(in),
        Fields.lease(in),
        Fields.number(in),
        change == LockChange.FORCED ? FieldCodec.text(in) : "");
  }

  private static void writeOfElection(ByteWriter out, Event.OfElection of) {
    out.u8(code(of.change())).bytes(of.name()).varint(of.token()).text(of.owner());
    Fields.write(out, of.lease());
    out.bytes(of.value()).varint(of.candidates());
  }

  private static Event readOfElection(ByteReader in, long revision, int ordinal) {
    return new Event.OfElection(
        revision,
        ordinal,
        electionChange(in.u8()),
        Fields.name(in),
        Fields.number(in),
        FieldCodec.text(in),
        Fields.lease(in),
        in.bytes(),
        Fields.number(in));
  }

  private static void writeOfSemaphore(ByteWriter out, Event.OfSemaphore of) {
    out.u8(code(of.change())).bytes(of.name()).varint(of.token()).text(of.owner());
    Fields.write(out, of.lease());
    out.varint(of.permits()).varint(of.permitsHeld()).varint(of.queueLength());
  }

  private static Event readOfSemaphore(ByteReader in, long revision, int ordinal) {
    return new Event.OfSemaphore(
        revision,
        ordinal,
        lockChange(in.u8()),
        Fields.name(in),
        Fields.number(in),
        FieldCodec.text(in),
        Fields.lease(in),
        Fields.number(in),
        Fields.number(in),
        Fields.number(in));
  }

  private static void writeOfKey(ByteWriter out, Event.OfKey of, boolean whole) {
    out.u8(code(of.change()));
    KeyRecord current = of.current();
    if (current == null) {
      out.bytes(of.key());
    } else {
      Fields.write(out, current);
    }
    if (whole) {
      writePrevious(out, of.previous());
    }
  }

  private static void writePrevious(ByteWriter out, @Nullable KeyRecord previous) {
    out.bool(previous != null);
    if (previous != null) {
      Fields.write(out, previous);
    }
  }

  private static void writeOfLock(ByteWriter out, Event.OfLock of) {
    out.u8(code(of.change())).bytes(of.name()).varint(of.token()).text(of.owner());
    Fields.write(out, of.lease());
    out.varint(of.queueLength());
    if (of.change() == LockChange.FORCED) {
      out.text(of.reason());
    }
  }

  /** The very record among {@code keys} that {@code record} is equal to, if there is one. */
  private static KeyRecord shared(KeyRecord record, KeySpace keys) {
    KeyRecord kept = keys.get(record.key());
    return kept != null && kept.equals(record) ? kept : record;
  }

  private static int code(KeyChange change) {
    return switch (change) {
      case PUT -> 1;
      case DELETE -> 2;
      case EXPIRE -> 3;
    };
  }

  private static KeyChange keyChange(int code) {
    return switch (code) {
      case 1 -> KeyChange.PUT;
      case 2 -> KeyChange.DELETE;
      case 3 -> KeyChange.EXPIRE;
      default -> throw new Malformed("unknown change of a key " + code);
    };
  }

  private static int code(LockChange change) {
    return switch (change) {
      case ACQUIRED -> 1;
      case RELEASED -> 2;
      case EXPIRED -> 3;
      case QUEUE -> 4;
      case FORCED -> 5;
    };
  }

  private static LockChange lockChange(int code) {
    return switch (code) {
      case 1 -> LockChange.ACQUIRED;
      case 2 -> LockChange.RELEASED;
      case 3 -> LockChange.EXPIRED;
      case 4 -> LockChange.QUEUE;
      case 5 -> LockChange.FORCED;
      default -> throw new Malformed("unknown change of a lock " + code);
    };
  }

  private static int code(NumberKind kind) {
    return switch (kind) {
      case SEQUENCE -> 1;
      case FENCE -> 2;
      case ONCE -> 3;
    };
  }

  private static NumberKind numberKind(int code) {
    return switch (code) {
      case 1 -> NumberKind.SEQUENCE;
      case 2 -> NumberKind.FENCE;
      case 3 -> NumberKind.ONCE;
      default -> throw new Malformed("unknown kind of number " + code);
    };
  }

  private static int code(ElectionChange change) {
    return switch (change) {
      case ELECTED -> 1;
      case VACANT -> 2;
      case VALUE -> 3;
      case CANDIDATES -> 4;
    };
  }

  private static ElectionChange electionChange(int code) {
    return switch (code) {
      case 1 -> ElectionChange.ELECTED;
      case 2 -> ElectionChange.VACANT;
      case 3 -> ElectionChange.VALUE;
      case 4 -> ElectionChange.CANDIDATES;
      default -> throw new Malformed("unknown change of an election " + code);
    };
  }

  private static int code(MemberChange change) {
    return switch (change) {
      case ADDED -> 1;
      case PROMOTED -> 2;
      case REMOVED -> 3;
      case ADDRESS -> 4;
    };
  }

  private static MemberChange memberChange(int code) {
    return switch (code) {
      case 1 -> MemberChange.ADDED;
      case 2 -> MemberChange.PROMOTED;
      case 3 -> MemberChange.REMOVED;
      case 4 -> MemberChange.ADDRESS;
      default -> throw new Malformed("unknown change of a member " + code);
    };
  }

  static int code(MemberRole role) {
    return switch (role) {
      case VOTER -> 1;
      case LEARNER -> 2;
      case OBSERVER -> 3;
    };
  }

  static MemberRole memberRole(int code) {
    return switch (code) {
      case 1 -> MemberRole.VOTER;
      case 2 -> MemberRole.LEARNER;
      case 3 -> MemberRole.OBSERVER;
      default -> throw new Malformed("unknown role of a member " + code);
    };
  }

  private static int code(LeaseEnd end) {
    return switch (end) {
      case EXPIRED -> 1;
      case REVOKED -> 2;
      case RELEASED -> 3;
    };
  }

  private static LeaseEnd leaseEnd(int code) {
    return switch (code) {
      case 1 -> LeaseEnd.EXPIRED;
      case 2 -> LeaseEnd.REVOKED;
      case 3 -> LeaseEnd.RELEASED;
      default -> throw new Malformed("unknown end of a lease " + code);
    };
  }
}
