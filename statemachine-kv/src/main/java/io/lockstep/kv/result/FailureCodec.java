package io.lockstep.kv.result;

import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Failure.AmbiguousToken;
import io.lockstep.kv.result.Failure.AnswersFull;
import io.lockstep.kv.result.Failure.CandidateNotFound;
import io.lockstep.kv.result.Failure.ConditionFailed;
import io.lockstep.kv.result.Failure.ConditionsFalse;
import io.lockstep.kv.result.Failure.CounterOverflow;
import io.lockstep.kv.result.Failure.DuplicateKey;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.KeyNotFound;
import io.lockstep.kv.result.Failure.KeyWithoutLease;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.LeaseExists;
import io.lockstep.kv.result.Failure.LeaseNotFound;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.LocksDiffer;
import io.lockstep.kv.result.Failure.MalformedCommand;
import io.lockstep.kv.result.Failure.ModeConflict;
import io.lockstep.kv.result.Failure.NotANumber;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.OneHeld;
import io.lockstep.kv.result.Failure.OperationRefused;
import io.lockstep.kv.result.Failure.PermitsDiffer;
import io.lockstep.kv.result.Failure.QueueFull;
import io.lockstep.kv.result.Failure.QuotaExceeded;
import io.lockstep.kv.result.Failure.RequestMismatch;
import io.lockstep.kv.result.Failure.RevisionUnreadable;
import io.lockstep.kv.result.Failure.SemaphoreLimitDiffers;
import io.lockstep.kv.result.Failure.StaleToken;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.Failure.TicketNotFound;
import io.lockstep.kv.result.Failure.TooManyKeysInRange;
import io.lockstep.kv.result.Failure.TooManyKeysOnLease;
import io.lockstep.kv.result.Failure.TtlOutOfRange;
import io.lockstep.kv.result.Failure.TxnTooLarge;
import io.lockstep.kv.result.Failure.ValueTooLarge;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;

/** The failures' part of {@link ResultCodec}: tags from 32 on. */
final class FailureCodec {
  private FailureCodec() {}

  static void write(ByteWriter out, Failure failure) {
    switch (failure) {
      case KeyNotFound() -> out.u8(32);
      case ConditionFailed failed -> writeCondition(out.u8(33), failed);
      case LeaseNotFound(LeaseId lease) -> FieldCodec.write(out.u8(34), lease);
      case LeaseEnded(LeaseId lease, long revision) -> {
        FieldCodec.write(out.u8(35), lease);
        out.varint(revision);
      }
      case TtlOutOfRange(long min, long max) -> out.u8(36).varint(min).varint(max);
      case Failure.OfLock lock -> writeOfLock(out, lock);
      case StaleToken(Bytes name, long given, long current) ->
          out.u8(42).bytes(name).varint(given).varint(current);
      case QuotaExceeded(long used, long quota) -> out.u8(43).varint(used).varint(quota);
      case TooManyKeysOnLease(long limit) -> out.u8(44).varint(limit);
      case TooManyKeysInRange(long count, long limit) -> out.u8(45).varint(count).varint(limit);
      case QueueFull(long limit) -> out.u8(46).varint(limit);
      case AnswersFull(long limit) -> out.u8(47).varint(limit);
      case RequestMismatch() -> out.u8(48);
      case ValueTooLarge(long limit) -> out.u8(49).varint(limit);
      case KeyLengthInvalid(long limit) -> out.u8(50).varint(limit);
      case MalformedCommand(String text) -> out.u8(51).text(text);
      case KeyWithoutLease() -> out.u8(58);
      case NotANumber() -> out.u8(52);
      case CounterOverflow(long value) -> out.u8(53).i64(value);
      case DuplicateKey(Bytes key) -> out.u8(54).bytes(key);
      case ConditionsFalse(int condition) -> out.u8(55).varint(condition);
      case OperationRefused(boolean then, int operation, Failure cause) -> {
        out.u8(56).bool(then).varint(operation);
        write(out, cause);
      }
      case LeaseExists(LeaseId lease) -> FieldCodec.write(out.u8(96), lease);
      case RevisionUnreadable(long revision, long oldest, long present) ->
          out.u8(97).varint(revision).varint(oldest).varint(present);
      case Failure.OfIds ids -> IdResultCodec.write(out, ids);
      case TxnTooLarge(TxnBound bound, long limit) -> out.u8(57).u8(bound.code()).varint(limit);
    }
  }

  private static void writeOfLock(ByteWriter out, Failure.OfLock failure) {
    switch (failure) {
      case LockHeld(LockReason reason, HolderInfo holder, long retryAfter, long queue) -> {
        out.u8(holder == null ? 85 : 37).u8(reason.code());
        if (holder != null) {
          writeHolder(out, holder);
        }
        out.varint(retryAfter).varint(queue);
      }
      case OneHeld(LockName name, LockHeld held) -> {
        out.u8(84).bytes(name.text());
        write(out, held);
      }
      case LocksDiffer(LockName name) -> out.u8(83).bytes(name.text());
      case NotHolder(HolderInfo holder) -> {
        out.u8(38).bool(holder != null);
        if (holder != null) {
          writeHolder(out, holder);
        }
      }
      case GrantLost(long token) -> out.u8(39).varint(token);
      case TicketEnded(TicketId ticket) -> FieldCodec.write(out.u8(40), ticket);
      case TicketNotFound(TicketId ticket) -> FieldCodec.write(out.u8(41), ticket);
      case AmbiguousToken(long token) -> out.u8(80).varint(token);
      case ModeConflict(LockMode mode) -> out.u8(81).u8(mode.code());
      case PermitsDiffer(long permits) -> out.u8(88).varint(permits);
      case SemaphoreLimitDiffers(long given, long stored) ->
          out.u8(89).varint(given).varint(stored);
      case CandidateNotFound(String owner) -> out.u8(82).text(owner);
    }
  }

  static Failure read(int tag, ByteReader in) {
    return read(tag, in, 0);
  }

  private static Failure read(int tag, ByteReader in, int depth) {
    if (depth > Transaction.DEPTH_MAX) {
      throw new Malformed("failures lie deeper in one another than transactions may");
    }
    return switch (tag) {
      case 32 -> new KeyNotFound();
      case 33 -> readCondition(in);
      case 34 -> new LeaseNotFound(FieldCodec.leaseId(in));
      case 35 -> new LeaseEnded(FieldCodec.leaseId(in), in.varint());
      case 36 -> new TtlOutOfRange(in.varint(), in.varint());
      case 37 -> readHeld(tag, in);
      case 38 -> new NotHolder(in.bool() ? readHolder(in) : null);
      case 39 -> new GrantLost(in.varint());
      case 40 -> new TicketEnded(FieldCodec.ticketId(in));
      case 41 -> new TicketNotFound(FieldCodec.ticketId(in));
      case 42 -> new StaleToken(in.bytes(), in.varint(), in.varint());
      case 43 -> new QuotaExceeded(in.varint(), in.varint());
      case 44 -> new TooManyKeysOnLease(in.varint());
      case 45 -> new TooManyKeysInRange(in.varint(), in.varint());
      case 46 -> new QueueFull(in.varint());
      case 47 -> new AnswersFull(in.varint());
      case 48 -> new RequestMismatch();
      case 49 -> new ValueTooLarge(in.varint());
      case 50 -> new KeyLengthInvalid(in.varint());
      case 51 -> new MalformedCommand(FieldCodec.text(in));
      case 58 -> new KeyWithoutLease();
      case 83 -> new LocksDiffer(LockName.lock(in.bytes()));
      case 84 -> new OneHeld(LockName.lock(in.bytes()), readHeld(in.u8(), in));
      case 85 -> readHeld(tag, in);
      case 82 -> new CandidateNotFound(FieldCodec.text(in));
      case 88 -> new PermitsDiffer(in.varint());
      case 89 -> new SemaphoreLimitDiffers(in.varint(), in.varint());
      case 80 -> new AmbiguousToken(in.varint());
      case 81 -> new ModeConflict(FieldCodec.lockMode(in));
      case 52 -> new NotANumber();
      case 53 -> new CounterOverflow(in.i64());
      case 54 -> new DuplicateKey(in.bytes());
      case 55 -> new ConditionsFalse(position(in));
      case 56 -> new OperationRefused(in.bool(), position(in), read(in.u8(), in, depth + 1));
      case 57 -> new TxnTooLarge(bound(in), in.varint());
      case 96 -> new LeaseExists(FieldCodec.leaseId(in));
      case 97 -> new RevisionUnreadable(in.varint(), in.varint(), in.varint());
      case 176, 177, 178, 179, 180, 181, 182, 183 -> IdResultCodec.readFailure(tag, in);
      default -> throw new Malformed("unknown result " + tag);
    };
  }

  private static LockHeld readHeld(int tag, ByteReader in) {
    if (tag != 37 && tag != 85) {
      throw new Malformed("unknown way of being held " + tag);
    }
    LockReason reason = readReason(in);
    HolderInfo holder = tag == 37 ? readHolder(in) : null;
    return new LockHeld(reason, holder, in.varint(), in.varint());
  }

  private static int position(ByteReader in) {
    return (int) FieldCodec.number(in, Transaction.ITEMS_MAX - 1);
  }

  private static TxnBound bound(ByteReader in) {
    int code = in.u8();
    for (TxnBound bound : TxnBound.values()) {
      if (bound.code() == code) {
        return bound;
      }
    }
    throw new Malformed("unknown bound " + code);
  }

  private static void writeCondition(ByteWriter out, ConditionFailed failed) {
    KeyMeta current = failed.current();
    Bytes value = failed.value();
    String contentType = failed.contentType();
    out.bool(current != null);
    if (current == null) {
      return;
    }
    ResultCodec.writeMeta(out, current);
    out.bool(value != null && contentType != null);
    if (value != null && contentType != null) {
      out.bytes(value).text(contentType);
    }
  }

  private static ConditionFailed readCondition(ByteReader in) {
    if (!in.bool()) {
      return new ConditionFailed(null, null, null);
    }
    KeyMeta current = ResultCodec.readMeta(in);
    return in.bool()
        ? new ConditionFailed(current, in.bytes(), FieldCodec.text(in))
        : new ConditionFailed(current, null, null);
  }

  private static void writeHolder(ByteWriter out, HolderInfo holder) {
    FieldCodec.write(out.text(holder.owner()).varint(holder.token()), holder.lease());
    out.varint(holder.sinceRevision()).varint(holder.expiresInMillis());
  }

  private static HolderInfo readHolder(ByteReader in) {
    return new HolderInfo(
        FieldCodec.text(in), in.varint(), FieldCodec.leaseId(in), in.varint(), in.varint());
  }

  private static LockReason readReason(ByteReader in) {
    int code = in.u8();
    for (LockReason reason : LockReason.values()) {
      if (reason.code() == code) {
        return reason;
      }
    }
    throw new Malformed("unknown reason " + code);
  }
}
