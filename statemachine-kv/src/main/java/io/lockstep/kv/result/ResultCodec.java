package io.lockstep.kv.result;

import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Polled;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result.Added;
import io.lockstep.kv.result.Result.Done;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.KeysDeleted;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LeaseRevoked;
import io.lockstep.kv.result.Result.LockForced;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.result.Result.OfIds;
import io.lockstep.kv.result.Result.OutcomeOnly;
import io.lockstep.kv.result.Result.PlaceLeft;
import io.lockstep.kv.result.Result.Proclaimed;
import io.lockstep.kv.result.Result.RecordsFound;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.result.Result.Success;
import io.lockstep.kv.result.Result.Transferred;
import io.lockstep.kv.result.Result.TtlKeyPut;
import io.lockstep.kv.result.Result.TxnDone;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The binary encoding of results, as they cross the peer link and are stored. The first byte is the
 * version. Decoding is total: any bytes give a result or {@link Malformed}.
 */
public final class ResultCodec {
  private static final int VERSION = 1;
  private static final int RENEWALS_MAX = 10_000;

  private ResultCodec() {}

  public static Bytes encode(Applied applied) {
    ByteWriter out = new ByteWriter(64);
    out.u8(VERSION).varint(applied.index()).varint(applied.revision()).bool(applied.replayed());
    write(out, applied.result());
    return out.toBytes();
  }

  /**
   * The answer that {@code bytes} hold; throws {@link Malformed} when they hold none that this
   * version knows.
   */
  public static Applied decode(Bytes bytes) {
    ByteReader in = new ByteReader(bytes);
    int version = in.u8();
    if (version != VERSION) {
      throw new Malformed("a result in unknown format " + version);
    }
    Applied applied = new Applied(in.varint(), in.varint(), in.bool(), read(in));
    in.end();
    return applied;
  }

  /** The result without version: part of a larger encoding. */
  public static void write(ByteWriter out, Result result) {
    switch (result) {
      case Success success -> writeSuccess(out, success);
      case OutcomeOnly(boolean applied) -> out.u8(11).bool(applied);
      case Failure failure -> FailureCodec.write(out, failure);
    }
  }

  /** What {@link #write} wrote. */
  public static Result read(ByteReader in) {
    return read(in, 0);
  }

  private static Result read(ByteReader in, int depth) {
    int tag = in.u8();
    return switch (tag) {
      case 1 -> new KeyPut(readMeta(in), in.bool());
      case 2 -> new KeysDeleted(in.varint(), in.bool());
      case 3 -> new LeaseGranted(FieldCodec.leaseId(in), in.varint(), in.varint());
      case 4 -> readRenewed(in);
      case 5 -> new LeaseRevoked(FieldCodec.leaseId(in), in.varint());
      case 6 -> readPlainGranted(in);
      case 7 -> readQueued(LockName.lock(in.bytes()), in);
      case 8 -> new LockReleased(LockName.lock(in.bytes()), in.varint());
      case 24 -> readGranted(in);
      case 25 -> readQueued(FieldCodec.newerName(in), in);
      case 27 -> new Proclaimed(FieldCodec.newerName(in), in.varint());
      case 28 -> new Transferred(FieldCodec.newerName(in), in.varint(), FieldCodec.text(in));
      case 26 -> new LockReleased(FieldCodec.newerName(in), in.varint());
      case 30, 31 -> readTogether(tag, in);
      case 29 -> new LockForced(FieldCodec.lockName(in), in.varint(), in.varint());
      case 9 -> new PlaceLeft(in.bool());
      case 10 -> new Done();
      case 11 -> new OutcomeOnly(in.bool());
      case 12 -> new Added(readMeta(in), in.i64(), in.bool());
      case 15 -> new TtlKeyPut(readMeta(in), in.bool(), in.varint(), in.varint());
      case 13 -> readFound(in);
      case 14 -> readTxn(in, depth);
      case 160, 161, 162, 163, 164, 165, 166 -> IdResultCodec.readSuccess(tag, in);
      default -> FailureCodec.read(tag, in);
    };
  }

  private static void writeSuccess(ByteWriter out, Success success) {
    switch (success) {
      case KeyPut(KeyMeta meta, boolean created) -> {
        writeMeta(out.u8(1), meta);
        out.bool(created);
      }
      case KeysDeleted(long deleted, boolean more) -> out.u8(2).varint(deleted).bool(more);
      case LeaseGranted(LeaseId lease, long ttl, long expiresIn) -> {
        FieldCodec.write(out.u8(3), lease);
        out.varint(ttl).varint(expiresIn);
      }
      case Renewed(List<RenewalResult> results) -> writeRenewed(out.u8(4), results);
      case LeaseRevoked(LeaseId lease, long keys) -> {
        FieldCodec.write(out.u8(5), lease);
        out.varint(keys);
      }
      case LockGranted granted -> writeGranted(out, granted);
      case LockQueued queued -> writeQueued(out, queued);
      case LockReleased(LockName name, long token) -> writeName(out, 8, 26, name).varint(token);
      case Proclaimed(LockName name, long token) -> {
        FieldCodec.write(out.u8(27), name);
        out.varint(token);
      }
      case Transferred(LockName name, long token, String owner) -> {
        FieldCodec.write(out.u8(28), name);
        out.varint(token).text(owner);
      }
      case LockForced(LockName name, long token, long holders) -> {
        FieldCodec.write(out.u8(29), name);
        out.varint(token).varint(holders);
      }
      case PlaceLeft(boolean wasGranted) -> out.u8(9).bool(wasGranted);
      case Done() -> out.u8(10);
      case Added(KeyMeta meta, long value, boolean created) -> {
        writeMeta(out.u8(12), meta);
        out.i64(value).bool(created);
      }
      case TtlKeyPut(KeyMeta meta, boolean created, long ttl, long expiresIn) -> {
        writeMeta(out.u8(15), meta);
        out.bool(created).varint(ttl).varint(expiresIn);
      }
      case OfIds ids -> IdResultCodec.write(out, ids);
      case RecordsFound found -> writeFound(out.u8(13), found);
      case TxnDone(boolean then, List<Success> results) -> {
        out.u8(14).bool(then).varint(results.size());
        results.forEach(result -> writeSuccess(out, result));
      }
    }
  }

  private static void writeFound(ByteWriter out, RecordsFound found) {
    out.varint(found.records().size());
    for (KeyRecord record : found.records()) {
      out.bytes(record.key()).bytes(record.value()).text(record.contentType());
      writeMeta(out, record.meta());
    }
    out.varint(found.count()).bool(found.more());
  }

  private static RecordsFound readFound(ByteReader in) {
    int count = FieldCodec.count(in, Transaction.READ_KEYS_MAX);
    List<KeyRecord> records = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      records.add(new KeyRecord(in.bytes(), in.bytes(), FieldCodec.text(in), readMeta(in)));
    }
    return new RecordsFound(records, in.varint(), in.bool());
  }

  private static TxnDone readTxn(ByteReader in, int depth) {
    if (depth == Transaction.DEPTH_MAX) {
      throw new Malformed("results lie deeper in one another than transactions may");
    }
    boolean then = in.bool();
    int count = FieldCodec.count(in, Transaction.ITEMS_MAX);
    List<Success> results = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      if (!(read(in, depth + 1) instanceof Success success)) {
        throw new Malformed("an operation of a transaction that was done has failed");
      }
      results.add(success);
    }
    return new TxnDone(then, results);
  }

  private static void writeRenewed(ByteWriter out, List<RenewalResult> results) {
    out.varint(results.size());
    for (RenewalResult result : results) {
      switch (result) {
        case Alive(LeaseId lease, long ttl, long expiresIn) -> {
          FieldCodec.write(out.u8(0), lease);
          out.varint(ttl).varint(expiresIn);
        }
        case Refused(Failure failure) -> FailureCodec.write(out.u8(1), failure);
        case Polled(Success state) -> writeSuccess(out.u8(2), state);
      }
    }
  }

  private static Renewed readRenewed(ByteReader in) {
    int count = FieldCodec.count(in, RENEWALS_MAX);
    List<RenewalResult> results = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int tag = in.u8();
      results.add(
          switch (tag) {
            case 0 -> new Alive(FieldCodec.leaseId(in), in.varint(), in.varint());
            case 1 -> new Refused(FailureCodec.read(in.u8(), in));
            case 2 -> readPolled(in);
            default -> throw new Malformed("unknown end of a renewal " + tag);
          });
    }
    return new Renewed(results);
  }

  private static Polled readPolled(ByteReader in) {
    int tag = in.u8();
    return switch (tag) {
      case 6 -> new Polled(readPlainGranted(in));
      case 7 -> new Polled(readQueued(LockName.lock(in.bytes()), in));
      case 24 -> new Polled(readGranted(in));
      case 25 -> new Polled(readQueued(FieldCodec.newerName(in), in));
      case 30, 31 -> new Polled(readTogether(tag, in));
      default -> throw new Malformed("a ticket neither waits nor holds");
    };
  }

  /** Several locks: the others, then all that is said of the first. */
  private static Success readTogether(int tag, ByteReader in) {
    LockName first = LockName.lock(in.bytes());
    List<LockName> also = FieldCodec.namesAfter(in, first);
    if (also.isEmpty()) {
      throw new Malformed("one lock is told as one");
    }
    if (tag == 31) {
      return readQueued(first, in).with(also);
    }
    long token = in.varint();
    LeaseId lease = FieldCodec.leaseId(in);
    TicketId ticket = FieldCodec.ticketId(in);
    return new LockGranted(
        first, LockMode.EXCLUSIVE, token, lease, ticket, in.varint(), in.varint(), also);
  }

  private static void writeGranted(ByteWriter out, LockGranted granted) {
    if (!granted.also().isEmpty()) {
      FieldCodec.writeNames(out.u8(30).bytes(granted.name().text()), granted.also());
    } else if (granted.mode() == LockMode.EXCLUSIVE) {
      writeName(out, 6, 24, granted.name());
    } else {
      FieldCodec.write(out.u8(24), granted.name());
    }
    out.varint(granted.token());
    FieldCodec.write(out, granted.lease());
    FieldCodec.write(out, granted.ticket());
    out.varint(granted.ttlMillis()).varint(granted.expiresInMillis());
    if (granted.mode() != LockMode.EXCLUSIVE || granted.name().kind() != LockKind.LOCK) {
      out.u8(granted.mode().code());
    }
  }

  private static LockGranted readPlainGranted(ByteReader in) {
    return new LockGranted(
        LockName.lock(in.bytes()),
        LockMode.EXCLUSIVE,
        in.varint(),
        FieldCodec.leaseId(in),
        FieldCodec.ticketId(in),
        in.varint(),
        in.varint());
  }

  private static LockGranted readGranted(ByteReader in) {
    LockName name = FieldCodec.lockName(in);
    long token = in.varint();
    LeaseId lease = FieldCodec.leaseId(in);
    TicketId ticket = FieldCodec.ticketId(in);
    long ttl = in.varint();
    long expiresIn = in.varint();
    LockMode mode = FieldCodec.lockMode(in);
    if (name.kind() == LockKind.LOCK && mode == LockMode.EXCLUSIVE) {
      throw new Malformed("an exclusive lock is told of as earlier versions know it");
    }
    return new LockGranted(name, mode, token, lease, ticket, ttl, expiresIn);
  }

  /** The tag and the name: a lock's as earlier versions know it. */
  private static ByteWriter writeName(ByteWriter out, int tagOfLock, int tag, LockName name) {
    if (name.kind() == LockKind.LOCK) {
      return out.u8(tagOfLock).bytes(name.text());
    }
    FieldCodec.write(out.u8(tag), name);
    return out;
  }

  private static void writeQueued(ByteWriter out, LockQueued queued) {
    if (queued.also().isEmpty()) {
      writeName(out, 7, 25, queued.name());
    } else {
      FieldCodec.writeNames(out.u8(31).bytes(queued.name().text()), queued.also());
    }
    FieldCodec.write(out, queued.ticket());
    writeLease(out, queued.lease());
    out.varint(queued.position()).varint(queued.remainingWaitMillis());
  }

  private static LockQueued readQueued(LockName name, ByteReader in) {
    return new LockQueued(name, FieldCodec.ticketId(in), readLease(in), in.varint(), in.varint());
  }

  static void writeMeta(ByteWriter out, KeyMeta meta) {
    out.varint(meta.createRevision()).varint(meta.modRevision()).varint(meta.version());
    writeLease(out, meta.lease());
  }

  static KeyMeta readMeta(ByteReader in) {
    return new KeyMeta(in.varint(), in.varint(), in.varint(), readLease(in));
  }

  private static void writeLease(ByteWriter out, @Nullable LeaseId lease) {
    out.bool(lease != null);
    if (lease != null) {
      FieldCodec.write(out, lease);
    }
  }

  private static @Nullable LeaseId readLease(ByteReader in) {
    return in.bool() ? FieldCodec.leaseId(in) : null;
  }
}
