package io.lockstep.kv.command;

import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockForce;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.Proclaim;
import io.lockstep.kv.command.Command.Transfer;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;

/**
 * The commands of locks and elections within {@link CommandCodec}. What format 1 can say is said in
 * format 1, so that each command has one encoding.
 */
final class LockCodec {
  static final int ACQUIRE = 40;
  static final int RELEASE = 41;
  static final int LEAVE = 42;
  static final int PROCLAIM = 43;
  static final int TRANSFER = 44;
  static final int FORCE = 45;
  static final int ACQUIRE_ALL = 46;
  static final int ACQUIRE_DELAYED = 47;
  private static final int FORMAT = 3;
  private static final int FORMAT_OF_SEVERAL = 6;
  private static final int FORMAT_OF_DELAYS = 7;

  private LockCodec() {}

  static int formatOf(LockAcquire acquire) {
    if (acquire.delayMillis() > 0) {
      return FORMAT_OF_DELAYS;
    }
    if (!acquire.also().isEmpty()) {
      return FORMAT_OF_SEVERAL;
    }
    return isPlain(acquire) ? 1 : FORMAT;
  }

  static int formatOf(LockRelease release) {
    return isLock(release.name()) ? 1 : FORMAT;
  }

  static int formatOf(LockLeave leave) {
    return isLock(leave.name()) ? leave.sparesGrant() ? 2 : 1 : FORMAT;
  }

  private static boolean isLock(LockName name) {
    return name.kind() == LockKind.LOCK;
  }

  private static boolean isPlain(LockAcquire acquire) {
    return isLock(acquire.name())
        && acquire.mode() == LockMode.EXCLUSIVE
        && acquire.bid().equals(Bid.NONE)
        && acquire.queueTtlMillis() == 0
        && acquire.also().isEmpty()
        && acquire.delayMillis() == 0;
  }

  private static int tagOf(LockAcquire acquire) {
    if (acquire.delayMillis() > 0) {
      return ACQUIRE_DELAYED;
    }
    return acquire.also().isEmpty() ? ACQUIRE : ACQUIRE_ALL;
  }

  static void write(ByteWriter out, LockAcquire acquire) {
    boolean plain = isPlain(acquire);
    if (plain) {
      out.u8(7).bytes(acquire.name().text());
    } else {
      FieldCodec.write(out.u8(tagOf(acquire)), acquire.name());
    }
    FieldCodec.write(out, acquire.holder());
    out.text(acquire.owner()).varint(acquire.waitMillis());
    FieldCodec.write(out, acquire.server());
    out.bool(acquire.keepPlace()).i64(acquire.nonce());
    if (!plain) {
      out.u8(acquire.mode().code()).varint(acquire.queueTtlMillis());
      FieldCodec.write(out, acquire.name().kind(), acquire.bid());
    }
    if (!acquire.also().isEmpty() || acquire.delayMillis() > 0) {
      FieldCodec.writeNames(out, acquire.also());
    }
    if (acquire.delayMillis() > 0) {
      out.varint(acquire.delayMillis());
    }
  }

  static LockAcquire readPlainAcquire(ByteReader in) {
    Bytes name = in.bytes();
    Holder holder = FieldCodec.holder(in);
    String owner = FieldCodec.text(in);
    return new LockAcquire(
        name, holder, owner, FieldCodec.millis(in), FieldCodec.server(in), in.bool(), in.i64());
  }

  static LockAcquire readAcquire(ByteReader in) {
    LockName name = FieldCodec.lockName(in);
    Holder holder = FieldCodec.holder(in);
    String owner = FieldCodec.text(in);
    long waitMillis = FieldCodec.millis(in);
    Server server = FieldCodec.server(in);
    boolean keepPlace = in.bool();
    long nonce = in.i64();
    LockMode mode = FieldCodec.lockMode(in);
    long queueTtlMillis = FieldCodec.millis(in);
    Bid bid = FieldCodec.bid(in, name.kind());
    boolean proper =
        switch (name.kind()) {
          case LOCK -> bid.equals(Bid.NONE);
          case ELECTION -> mode == LockMode.EXCLUSIVE;
          case SEMAPHORE -> mode == LockMode.SHARED;
        };
    if (!proper) {
      throw new Malformed("a bid for a lock, a shared office or a semaphore for one alone");
    }
    return new LockAcquire(
        name, mode, holder, owner, bid, waitMillis, queueTtlMillis, server, keepPlace, nonce);
  }

  static LockAcquire readAcquireAll(ByteReader in) {
    LockAcquire several = readSeveral(in);
    if (several.also().isEmpty()) {
      throw new Malformed("one lock is told as one");
    }
    return several;
  }

  static LockAcquire readAcquireDelayed(ByteReader in) {
    LockAcquire acquire = readSeveral(in);
    long delayMillis = FieldCodec.millis(in);
    if (delayMillis == 0 || acquire.name().kind() == LockKind.SEMAPHORE) {
      throw new Malformed("no delay, or one of permits");
    }
    return acquire.delayed(delayMillis);
  }

  private static LockAcquire readSeveral(ByteReader in) {
    LockAcquire one = readAcquire(in);
    List<LockName> also = FieldCodec.namesAfter(in, one.name());
    if (!also.isEmpty() && one.mode() != LockMode.EXCLUSIVE) {
      throw new Malformed("locks are taken together exclusively");
    }
    return new LockAcquire(
        one.name(),
        one.mode(),
        one.holder(),
        one.owner(),
        one.bid(),
        one.waitMillis(),
        one.queueTtlMillis(),
        one.server(),
        one.keepPlace(),
        one.nonce(),
        also);
  }

  static void write(ByteWriter out, LockRelease release) {
    if (isLock(release.name())) {
      out.u8(8).bytes(release.name().text());
    } else {
      FieldCodec.write(out.u8(RELEASE), release.name());
    }
    write(out, release.claim());
  }

  static LockRelease readRelease(ByteReader in) {
    return new LockRelease(FieldCodec.newerName(in), readClaim(in));
  }

  static void write(ByteWriter out, LockLeave leave) {
    if (isLock(leave.name())) {
      out.u8(leave.sparesGrant() ? 16 : 9).bytes(leave.name().text());
      FieldCodec.write(out, leave.ticket());
    } else {
      FieldCodec.write(out.u8(LEAVE), leave.name());
      FieldCodec.write(out, leave.ticket());
      out.bool(leave.sparesGrant());
    }
  }

  static LockLeave readLeave(ByteReader in) {
    return new LockLeave(FieldCodec.newerName(in), FieldCodec.ticketId(in), in.bool());
  }

  static void write(ByteWriter out, LockForce force) {
    FieldCodec.write(out.u8(FORCE), force.name());
    out.varint(force.token()).text(force.reason());
  }

  static LockForce readForce(ByteReader in) {
    return new LockForce(FieldCodec.lockName(in), in.varint(), FieldCodec.text(in));
  }

  static void write(ByteWriter out, Proclaim proclaim) {
    FieldCodec.write(out.u8(PROCLAIM), proclaim.name());
    write(out, proclaim.claim());
    out.bytes(proclaim.value());
  }

  static Proclaim readProclaim(ByteReader in) {
    return new Proclaim(FieldCodec.newerName(in), readClaim(in), in.bytes());
  }

  static void write(ByteWriter out, Transfer transfer) {
    FieldCodec.write(out.u8(TRANSFER), transfer.name());
    write(out, transfer.claim());
    out.text(transfer.to());
  }

  static Transfer readTransfer(ByteReader in) {
    return new Transfer(FieldCodec.newerName(in), readClaim(in), FieldCodec.text(in));
  }

  private static void write(ByteWriter out, Claim claim) {
    switch (claim) {
      case ByToken(long token) -> out.u8(0).varint(token);
      case ByLease(LeaseId lease) -> FieldCodec.write(out.u8(1), lease);
    }
  }

  static Claim readClaim(ByteReader in) {
    int tag = in.u8();
    return switch (tag) {
      case 0 -> new ByToken(in.varint());
      case 1 -> new ByLease(FieldCodec.leaseId(in));
      default -> throw new Malformed("unknown claim " + tag);
    };
  }
}
