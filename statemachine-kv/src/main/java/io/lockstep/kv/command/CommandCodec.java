package io.lockstep.kv.command;

import io.lockstep.kv.command.Command.Add;
import io.lockstep.kv.command.Command.AnnounceAddress;
import io.lockstep.kv.command.Command.Compact;
import io.lockstep.kv.command.Command.Delete;
import io.lockstep.kv.command.Command.DeletePrefix;
import io.lockstep.kv.command.Command.LeaseGrant;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockForce;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.NamedLeaseGrant;
import io.lockstep.kv.command.Command.OfGates;
import io.lockstep.kv.command.Command.OfIds;
import io.lockstep.kv.command.Command.Proclaim;
import io.lockstep.kv.command.Command.PublishKey;
import io.lockstep.kv.command.Command.Put;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Command.ServerAlive;
import io.lockstep.kv.command.Command.SetLimits;
import io.lockstep.kv.command.Command.Transfer;
import io.lockstep.kv.command.Command.Txn;
import io.lockstep.kv.command.KeyCondition.Absent;
import io.lockstep.kv.command.KeyCondition.Always;
import io.lockstep.kv.command.KeyCondition.Present;
import io.lockstep.kv.command.KeyCondition.RevisionIs;
import io.lockstep.kv.command.LeaseBinding.Attach;
import io.lockstep.kv.command.LeaseBinding.Detach;
import io.lockstep.kv.command.LeaseBinding.KeepLease;
import io.lockstep.kv.command.LeaseBinding.OwnTtl;
import io.lockstep.kv.command.Renewal.OfGrant;
import io.lockstep.kv.command.Renewal.OfKey;
import io.lockstep.kv.command.Renewal.OfLease;
import io.lockstep.kv.command.Renewal.OfTicket;
import io.lockstep.kv.member.ClientAddress;
import io.lockstep.kv.member.PublishedKey;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * The binary encoding of commands. Decoding is total: any bytes give a command within the bounds
 * below or {@link Malformed}. The lengths of keys and values are not bounded here, for they have
 * answers of their own. Tags are never renumbered.
 */
final class CommandCodec {
  static final int GUARDS_MAX = 32;
  private static final int ANNOUNCE = 49;
  private static final int PUBLISH = 50;
  private static final int TAG_MAX_OF_FORMAT_1 = 12;
  private static final int TAG_MAX_OF_FORMAT_2 = 16;
  static final int RENEWALS_MAX = 10_000;
  static final int VALUE_BYTES_MAX = 64 << 20;

  private CommandCodec() {}

  static void write(ByteWriter out, Command command) {
    switch (command) {
      case Put put -> writePut(out.u8(1), put);
      case Delete delete -> writeDelete(out.u8(2), delete);
      case DeletePrefix delete -> {
        out.u8(3).bytes(delete.prefix()).varint(delete.limit());
        writeGuards(out, delete.guards());
      }
      case LeaseGrant(long ttlMillis, long nonce, List<Label> labels) -> {
        out.u8(labels.isEmpty() ? 4 : 15).varint(ttlMillis).i64(nonce);
        if (!labels.isEmpty()) {
          FieldCodec.write(out, labels);
        }
      }
      case Renew renew -> writeRenew(out.u8(5), renew);
      case LeaseRevoke revoke -> FieldCodec.write(out.u8(6), revoke.lease());
      case LockAcquire acquire -> LockCodec.write(out, acquire);
      case LockRelease release -> LockCodec.write(out, release);
      case LockLeave leave -> LockCodec.write(out, leave);
      case LockForce force -> LockCodec.write(out, force);
      case Proclaim proclaim -> LockCodec.write(out, proclaim);
      case Transfer transfer -> LockCodec.write(out, transfer);
      case ServerAlive alive -> FieldCodec.write(out.u8(10), alive.server());
      case AnnounceAddress(NodeId member, String url) ->
          out.u8(ANNOUNCE).text(member.text()).text(url);
      case PublishKey(NodeId member, Bytes publicKey) ->
          out.u8(PUBLISH).text(member.text()).bytes(publicKey);
      case Compact compact -> out.u8(11).varint(compact.revision());
      case SetLimits set -> LimitsCodec.write(out.u8(12), set.limits());
      case Add add -> writeAdd(out.u8(13), add);
      case OfIds ids -> IdCommandCodec.write(out, ids);
      case OfGates gates -> GateCommandCodec.write(out, gates);
      case Txn(Transaction transaction, List<LockGuard> guards) -> {
        TxnCodec.write(out.u8(14), transaction);
        writeGuards(out, guards);
      }
      case NamedLeaseGrant(long ttlMillis, long name) -> out.u8(48).varint(ttlMillis).i64(name);
    }
  }

  /** The first format of requests that has this command. */
  static int formatOf(Command command) {
    return switch (command) {
      case Put put -> put.lease() instanceof OwnTtl ? 2 : 1;
      case Delete delete -> 1;
      case DeletePrefix delete -> 1;
      case LeaseGrant grant -> grant.labels().isEmpty() ? 1 : 2;
      case Renew renew -> formatOf(renew);
      case LeaseRevoke revoke -> 1;
      case LockAcquire acquire -> LockCodec.formatOf(acquire);
      case LockRelease release -> LockCodec.formatOf(release);
      case LockLeave leave -> LockCodec.formatOf(leave);
      case LockForce force -> 3;
      case Proclaim proclaim -> 3;
      case Transfer transfer -> 3;
      case ServerAlive alive -> 1;
      case AnnounceAddress announce -> 4;
      case PublishKey publish -> 5;
      case Compact compact -> 1;
      case SetLimits set -> 1;
      case Add add -> 2;
      case Txn txn -> TxnCodec.isOfThirdFormat(txn.transaction()) ? 3 : 2;
      case NamedLeaseGrant grant -> 3;
      case OfIds ids -> 3;
      case OfGates gates -> 3;
    };
  }

  /** Reads a command of this format of requests. */
  static Command read(ByteReader in, int format) {
    int tag = in.u8();
    if (format == 1 && tag > TAG_MAX_OF_FORMAT_1 || format == 2 && tag > TAG_MAX_OF_FORMAT_2) {
      throw new Malformed("unknown command " + tag);
    }
    return switch (tag) {
      case 1 -> readPut(in);
      case 2 -> new Delete(key(in), readCondition(in), readGuards(in), in.bool());
      case 3 -> new DeletePrefix(key(in), in.varint(), readGuards(in));
      case 4 -> new LeaseGrant(FieldCodec.millis(in), in.i64());
      case 5 -> readRenew(in);
      case 6 -> new LeaseRevoke(FieldCodec.leaseId(in));
      case 7 -> LockCodec.readPlainAcquire(in);
      case 8 -> new LockRelease(key(in), LockCodec.readClaim(in));
      case 9 -> new LockLeave(key(in), FieldCodec.ticketId(in));
      case 10 -> new ServerAlive(FieldCodec.server(in));
      case 11 -> new Compact(in.varint());
      case 12 -> new SetLimits(LimitsCodec.read(in));
      case 13 -> new Add(key(in), in.i64(), readCondition(in), readGuards(in), in.bool());
      case 15 -> readLabelledGrant(in);
      case 14 -> new Txn(TxnCodec.read(in), readGuards(in));
      case 16 -> new LockLeave(LockName.lock(key(in)), FieldCodec.ticketId(in), true);
      case LockCodec.ACQUIRE -> LockCodec.readAcquire(in);
      case LockCodec.RELEASE -> LockCodec.readRelease(in);
      case LockCodec.LEAVE -> LockCodec.readLeave(in);
      case LockCodec.ACQUIRE_ALL -> LockCodec.readAcquireAll(in);
      case LockCodec.ACQUIRE_DELAYED -> LockCodec.readAcquireDelayed(in);
      case LockCodec.FORCE -> LockCodec.readForce(in);
      case 48 -> new NamedLeaseGrant(FieldCodec.millis(in), in.i64());
      case ANNOUNCE -> readAnnounce(in);
      case PUBLISH -> readPublish(in);
      case LockCodec.PROCLAIM -> LockCodec.readProclaim(in);
      case LockCodec.TRANSFER -> LockCodec.readTransfer(in);
      default -> {
        if (format < 3 || tag < IdCommandCodec.FIRST_TAG) {
          throw new Malformed("unknown command " + tag);
        }
        yield tag < GateCommandCodec.FIRST_TAG
            ? IdCommandCodec.read(tag, in)
            : GateCommandCodec.read(tag, in);
      }
    };
  }

  private static NodeId readNode(ByteReader in) {
    try {
      return new NodeId(FieldCodec.text(in));
    } catch (IllegalArgumentException e) {
      throw new Malformed("no node has this name: " + e.getMessage());
    }
  }

  private static PublishKey readPublish(ByteReader in) {
    NodeId member = readNode(in);
    Bytes publicKey = FieldCodec.bytes(in, PublishedKey.BYTES);
    if (publicKey.length() != PublishedKey.BYTES) {
      throw new Malformed("a public key of " + publicKey.length() + " bytes");
    }
    return new PublishKey(member, publicKey);
  }

  private static AnnounceAddress readAnnounce(ByteReader in) {
    NodeId member = readNode(in);
    String url = FieldCodec.text(in);
    if (url.length() > ClientAddress.CHARACTERS_MAX) {
      throw new Malformed("an address of " + url.length() + " characters");
    }
    return new AnnounceAddress(member, url);
  }

  private static void writePut(ByteWriter out, Put put) {
    out.bytes(put.key()).bytes(put.value()).text(put.contentType());
    write(out, put.lease());
    writeCondition(out, put.condition());
    writeGuards(out, put.guards());
    out.bool(put.returnCurrent());
  }

  static void write(ByteWriter out, LeaseBinding lease) {
    switch (lease) {
      case Detach() -> out.u8(0);
      case KeepLease() -> out.u8(1);
      case Attach(LeaseId id) -> FieldCodec.write(out.u8(2), id);
      case OwnTtl(long ttlMillis, long nonce) -> out.u8(3).varint(ttlMillis).i64(nonce);
    }
  }

  static LeaseBinding readBinding(ByteReader in) {
    int tag = in.u8();
    return switch (tag) {
      case 0 -> new Detach();
      case 1 -> new KeepLease();
      case 2 -> new Attach(FieldCodec.leaseId(in));
      case 3 -> new OwnTtl(FieldCodec.millis(in), in.i64());
      default -> throw new Malformed("unknown lease binding " + tag);
    };
  }

  private static LeaseGrant readLabelledGrant(ByteReader in) {
    LeaseGrant grant = new LeaseGrant(FieldCodec.millis(in), in.i64(), FieldCodec.labels(in));
    if (grant.labels().isEmpty()) {
      throw new Malformed("a grant without labels is told without them");
    }
    return grant;
  }

  private static void writeAdd(ByteWriter out, Add add) {
    out.bytes(add.key()).i64(add.delta());
    writeCondition(out, add.condition());
    writeGuards(out, add.guards());
    out.bool(add.returnCurrent());
  }

  private static Put readPut(ByteReader in) {
    Bytes key = key(in);
    Bytes value = FieldCodec.bytes(in, VALUE_BYTES_MAX);
    String contentType = FieldCodec.text(in);
    LeaseBinding lease = readBinding(in);
    return new Put(key, value, contentType, lease, readCondition(in), readGuards(in), in.bool());
  }

  private static void writeDelete(ByteWriter out, Delete delete) {
    out.bytes(delete.key());
    writeCondition(out, delete.condition());
    writeGuards(out, delete.guards());
    out.bool(delete.returnCurrent());
  }

  private static void writeCondition(ByteWriter out, KeyCondition condition) {
    switch (condition) {
      case Always() -> out.u8(0);
      case Absent() -> out.u8(1);
      case Present() -> out.u8(2);
      case RevisionIs(long revision) -> out.u8(3).varint(revision);
    }
  }

  private static KeyCondition readCondition(ByteReader in) {
    int tag = in.u8();
    return switch (tag) {
      case 0 -> new Always();
      case 1 -> new Absent();
      case 2 -> new Present();
      case 3 -> new RevisionIs(in.varint());
      default -> throw new Malformed("unknown condition " + tag);
    };
  }

  private static void writeGuards(ByteWriter out, List<LockGuard> guards) {
    out.varint(guards.size());
    for (LockGuard guard : guards) {
      out.bytes(guard.name()).varint(guard.token());
    }
  }

  private static List<LockGuard> readGuards(ByteReader in) {
    int count = FieldCodec.count(in, GUARDS_MAX);
    if (count == 0) {
      return List.of();
    }
    List<LockGuard> guards = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      guards.add(new LockGuard(key(in), in.varint()));
    }
    return guards;
  }

  private static int formatOf(Renew renew) {
    int format = 1;
    for (Renewal renewal : renew.renewals()) {
      format =
          Math.max(
              format,
              switch (renewal) {
                case OfLease of -> 1;
                case OfGrant of -> of.lock().kind() == LockKind.LOCK ? 1 : 3;
                case OfKey of -> 2;
                case OfTicket of -> 3;
              });
    }
    return format;
  }

  private static void writeRenew(ByteWriter out, Renew renew) {
    out.varint(renew.renewals().size());
    for (Renewal renewal : renew.renewals()) {
      switch (renewal) {
        case OfLease(LeaseId lease) -> FieldCodec.write(out.u8(0), lease);
        case OfGrant(LockName lock, long token) -> {
          if (lock.kind() == LockKind.LOCK) {
            out.u8(1).bytes(lock.text()).varint(token);
          } else {
            FieldCodec.write(out.u8(3), lock);
            out.varint(token);
          }
        }
        case OfKey(Bytes key) -> out.u8(2).bytes(key);
        case OfTicket(LockName lock, TicketId ticket) -> {
          FieldCodec.write(out.u8(4), lock);
          FieldCodec.write(out, ticket);
        }
      }
    }
  }

  private static Renew readRenew(ByteReader in) {
    int count = FieldCodec.count(in, RENEWALS_MAX);
    List<Renewal> renewals = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int tag = in.u8();
      renewals.add(
          switch (tag) {
            case 0 -> new OfLease(FieldCodec.leaseId(in));
            case 1 -> new OfGrant(key(in), in.varint());
            case 2 -> new OfKey(key(in));
            case 3 -> new OfGrant(FieldCodec.newerName(in), in.varint());
            case 4 -> new OfTicket(FieldCodec.lockName(in), FieldCodec.ticketId(in));
            default -> throw new Malformed("unknown renewal " + tag);
          });
    }
    return new Renew(renewals);
  }

  private static Bytes key(ByteReader in) {
    return in.bytes();
  }
}
