package io.lockstep.kv.command;

import io.lockstep.kv.command.Command.ArriveLatch;
import io.lockstep.kv.command.Command.ClaimOnce;
import io.lockstep.kv.command.Command.FinishOnce;
import io.lockstep.kv.command.Command.OfGates;
import io.lockstep.kv.command.Command.RemoveLatch;
import io.lockstep.kv.gate.Latch;
import io.lockstep.kv.gate.Once;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;

/** The part of {@link CommandCodec} for latches and work once a period: tags from 80 on. */
final class GateCommandCodec {
  static final int FIRST_TAG = 80;

  private GateCommandCodec() {}

  static void write(ByteWriter out, OfGates command) {
    switch (command) {
      case ArriveLatch(Bytes name, int parties, Bytes id) ->
          out.u8(80).bytes(name).varint(parties).bytes(id);
      case RemoveLatch(Bytes name) -> out.u8(81).bytes(name);
      case ClaimOnce(Bytes name, Bytes period, long ttlMillis, long nonce) ->
          out.u8(82).bytes(name).bytes(period).varint(ttlMillis).i64(nonce);
      case FinishOnce(Bytes name, long token) -> out.u8(83).bytes(name).varint(token);
    }
  }

  static OfGates read(int tag, ByteReader in) {
    return switch (tag) {
      case 80 -> readArrive(in);
      case 81 -> new RemoveLatch(in.bytes());
      case 82 ->
          new ClaimOnce(
              in.bytes(),
              FieldCodec.bytes(in, Once.PERIOD_BYTES_MAX),
              FieldCodec.millis(in),
              in.i64());
      case 83 -> new FinishOnce(in.bytes(), FieldCodec.number(in, IdCommandCodec.TOKEN_MAX));
      default -> throw new Malformed("unknown command " + tag);
    };
  }

  private static ArriveLatch readArrive(ByteReader in) {
    Bytes name = in.bytes();
    int parties = (int) FieldCodec.number(in, Latch.PARTIES_MAX);
    if (parties == 0) {
      throw new Malformed("a latch waits for somebody");
    }
    return new ArriveLatch(name, parties, FieldCodec.bytes(in, Latch.ID_BYTES_MAX));
  }
}
