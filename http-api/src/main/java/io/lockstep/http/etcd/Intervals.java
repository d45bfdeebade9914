package io.lockstep.http.etcd;

import io.lockstep.kv.command.KeyRange;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * What the operations of one branch put and remove. etcd refuses a branch that puts a key twice, or
 * puts one that it or a branch within removes; it does so by this very order of looking.
 */
final class Intervals {
  private final TreeSet<Bytes> puts = new TreeSet<>();
  private final List<KeyRange> removals = new ArrayList<>();
  private boolean overlap;

  private Intervals() {}

  static boolean overlap(List<EtcdOp> ops) {
    return of(ops).overlap;
  }

  private static Intervals of(List<EtcdOp> ops) {
    Intervals all = new Intervals();
    for (EtcdOp op : ops) {
      // Of a range without an end etcd sees nothing here.
      if (op instanceof EtcdOp.DeleteRange delete && delete.range().end() != null) {
        all.removals.add(delete.range());
      }
    }
    for (EtcdOp op : ops) {
      if (op instanceof EtcdOp.Txn txn) {
        all.addNested(of(txn.success()), of(txn.failure()));
      }
    }
    for (EtcdOp op : ops) {
      if (op instanceof EtcdOp.Put put) {
        all.overlap |= !all.puts.add(put.key()) || all.removes(put.key());
      }
    }
    return all;
  }

  private void addNested(Intervals then, Intervals otherwise) {
    overlap |= then.overlap || otherwise.overlap;
    removals.addAll(then.removals);
    for (Bytes key : then.puts) {
      overlap |= !puts.add(key) || removes(key);
    }
    removals.addAll(otherwise.removals);
    for (Bytes key : otherwise.puts) {
      // Only one of the two branches is done: both may put it.
      overlap |= !puts.add(key) && !then.puts.contains(key) || removes(key);
    }
  }

  private boolean removes(Bytes key) {
    return removals.stream().anyMatch(range -> range.contains(key));
  }
}
