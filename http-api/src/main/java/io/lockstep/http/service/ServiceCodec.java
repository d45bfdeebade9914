package io.lockstep.http.service;

import io.lockstep.kv.result.ResultCodec;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Timing;

/**
 * The binary encoding of {@link ServiceMessage}s. The first byte is the version, the second the
 * kind. Decoding is total: any bytes give a message or {@link Malformed}.
 */
final class ServiceCodec {
  /** More than the largest request that the interface takes, with its conditions. */
  static final int BYTES_MAX = 4 << 20;

  private static final int VERSION = 2;
  private static final int FORWARD = 1;
  private static final int ANSWERED = 2;
  private static final int REFUSED = 3;
  private static final int FATE_UNKNOWN = 4;
  private static final int ASK_CHANGE = 5;
  private static final int CHANGE_ANSWERED = 6;
  private static final int ASK_TRANSFER = 7;
  private static final int HEAD_BYTES = 40;
  private static final int TIMING_BYTES = 24;
  private static final int CHANGE_BYTES = 256;

  private ServiceCodec() {}

  static Bytes encode(ServiceMessage message) {
    return switch (message) {
      case ServiceMessage.Forward forward ->
          begin(FORWARD, message, forward.payload().length())
              .u8(forward.lane().code())
              .bytes(forward.payload())
              .toBytes();
      case ServiceMessage.Answered answered -> {
        Bytes applied = ResultCodec.encode(answered.applied());
        ByteWriter out = begin(ANSWERED, message, applied.length() + TIMING_BYTES);
        yield write(out.bytes(applied), answered.timing()).toBytes();
      }
      case ServiceMessage.Refused refused ->
          begin(REFUSED, message, 0).u8(code(refused.refusal())).toBytes();
      case ServiceMessage.FateUnknown unknown -> begin(FATE_UNKNOWN, message, 0).toBytes();
      case ServiceMessage.AskChange ask -> {
        ByteWriter out = begin(ASK_CHANGE, message, CHANGE_BYTES);
        ChangeCodec.write(ask.change(), out);
        yield out.toBytes();
      }
      case ServiceMessage.ChangeAnswered answered -> {
        ByteWriter out = begin(CHANGE_ANSWERED, message, CHANGE_BYTES);
        ChangeCodec.write(answered.outcome(), out);
        yield out.toBytes();
      }
      case ServiceMessage.AskTransfer ask -> {
        ByteWriter out = begin(ASK_TRANSFER, message, 0);
        ChangeCodec.writeOptional(ask.to(), out);
        yield out.toBytes();
      }
    };
  }

  static ServiceMessage decode(Bytes bytes) {
    if (bytes.length() > BYTES_MAX) {
      throw new Malformed("a service message of " + bytes.length() + " bytes");
    }
    ByteReader in = new ByteReader(bytes);
    int version = in.u8();
    if (version != VERSION) {
      throw new Malformed("a service message in unknown format " + version);
    }
    int kind = in.u8();
    long startNumber = in.i64();
    long id = in.i64();
    ServiceMessage message =
        switch (kind) {
          case FORWARD -> new ServiceMessage.Forward(startNumber, id, lane(in.u8()), in.bytes());
          case ANSWERED ->
              new ServiceMessage.Answered(
                  startNumber, id, ResultCodec.decode(in.bytes()), timing(in));
          case REFUSED -> new ServiceMessage.Refused(startNumber, id, refusal(in.u8()));
          case FATE_UNKNOWN -> new ServiceMessage.FateUnknown(startNumber, id);
          case ASK_CHANGE -> new ServiceMessage.AskChange(startNumber, id, ChangeCodec.change(in));
          case CHANGE_ANSWERED ->
              new ServiceMessage.ChangeAnswered(startNumber, id, ChangeCodec.outcome(in));
          case ASK_TRANSFER ->
              new ServiceMessage.AskTransfer(startNumber, id, ChangeCodec.optional(in));
          default -> throw new Malformed("a service message of unknown kind " + kind);
        };
    in.end();
    return message;
  }

  private static ByteWriter begin(int kind, ServiceMessage message, int more) {
    return new ByteWriter(HEAD_BYTES + more)
        .u8(VERSION)
        .u8(kind)
        .i64(message.startNumber())
        .i64(message.id());
  }

  private static ByteWriter write(ByteWriter out, Timing timing) {
    return out.varint(timing.queueNanos())
        .varint(timing.forceNanos() - Timing.NOT_FORCED)
        .varint(timing.replicateNanos())
        .varint(timing.applyNanos());
  }

  private static Timing timing(ByteReader in) {
    return new Timing(in.varint(), in.varint() + Timing.NOT_FORCED, in.varint(), in.varint());
  }

  private static Lane lane(int code) {
    try {
      return Lane.ofCode(code);
    } catch (IllegalArgumentException e) {
      throw new Malformed("unknown lane " + code);
    }
  }

  private static int code(Refusal refusal) {
    return switch (refusal) {
      case NO_LEADER -> 0;
      case OVERLOADED -> 1;
      case NO_SPACE -> 2;
      case SHUTTING_DOWN -> 3;
      case NOT_CONFIRMED -> 4;
      case NOT_REACHED -> 5;
      case DIVERGED -> 6;
    };
  }

  private static Refusal refusal(int code) {
    return switch (code) {
      case 0 -> Refusal.NO_LEADER;
      case 1 -> Refusal.OVERLOADED;
      case 2 -> Refusal.NO_SPACE;
      case 3 -> Refusal.SHUTTING_DOWN;
      case 4 -> Refusal.NOT_CONFIRMED;
      case 5 -> Refusal.NOT_REACHED;
      case 6 -> Refusal.DIVERGED;
      default -> throw new Malformed("unknown refusal " + code);
    };
  }
}
