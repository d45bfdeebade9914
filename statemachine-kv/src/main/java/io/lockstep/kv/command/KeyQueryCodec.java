package io.lockstep.kv.command;

import io.lockstep.kv.txn.KeyQuery;
import io.lockstep.kv.txn.KeyQuery.Bounds;
import io.lockstep.kv.txn.KeyQuery.Order;
import io.lockstep.kv.txn.KeyQuery.Target;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;

/** The binary encoding of queries: part of that of transactions, and total like it. */
final class KeyQueryCodec {
  private KeyQueryCodec() {}

  static void write(ByteWriter out, KeyQuery query) {
    TxnCodec.write(out, query.range());
    out.i64(query.revision()).i64(query.limit());
    out.u8(query.order().code()).u8(query.target().code());
    Bounds bounds = query.bounds();
    out.i64(bounds.modMin()).i64(bounds.modMax());
    out.i64(bounds.createMin()).i64(bounds.createMax());
    out.bool(query.keysOnly()).bool(query.countOnly());
  }

  static KeyQuery read(ByteReader in) {
    return new KeyQuery(
        TxnCodec.range(in),
        in.i64(),
        in.i64(),
        order(in.u8()),
        target(in.u8()),
        new Bounds(in.i64(), in.i64(), in.i64(), in.i64()),
        in.bool(),
        in.bool());
  }

  private static Order order(int code) {
    for (Order order : Order.values()) {
      if (order.code() == code) {
        return order;
      }
    }
    throw new Malformed("unknown order " + code);
  }

  private static Target target(int code) {
    for (Target target : Target.values()) {
      if (target.code() == code) {
        return target;
      }
    }
    throw new Malformed("unknown target " + code);
  }
}
