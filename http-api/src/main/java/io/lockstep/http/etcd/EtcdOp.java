package io.lockstep.http.etcd;

import io.lockstep.http.response.Utf8;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.txn.Compare;
import io.lockstep.kv.txn.KeyQuery;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One operation of etcd's, and the steps that do it here, all within one transaction. */
sealed interface EtcdOp {
  /** Adds the steps to those before. */
  void addTo(List<Operation> steps);

  /** The steps of many operations. */
  static List<Operation> steps(List<EtcdOp> ops) {
    List<Operation> steps = new ArrayList<>(ops.size());
    ops.forEach(op -> op.addTo(steps));
    return steps;
  }

  /** Reads keys. */
  record Range(KeyQuery query) implements EtcdOp {
    @Override
    public void addTo(List<Operation> steps) {
      steps.add(new Operation.Find(query));
    }
  }

  /**
   * Sets a key.
   *
   * @param lease 0 for none
   * @param previous whether the answer tells what was there
   */
  record Put(
      Bytes key, Bytes value, long lease, boolean previous, boolean keepValue, boolean keepLease)
      implements EtcdOp {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String OCTETS = "application/octet-stream";

    @Override
    public void addTo(List<Operation> steps) {
      if (previous) {
        steps.add(new Operation.Find(KeyQuery.all(KeyRange.of(key))));
      }
      if (keepValue) {
        steps.add(new Operation.Rewrite(key, null, binding()));
      } else if (keepLease) {
        steps.add(new Operation.Rewrite(key, new Operation.Content(value, type()), binding()));
      } else {
        steps.add(new Operation.Put(key, value, type(), binding()));
      }
    }

    /** The command that does the same alone; null where it takes a transaction. */
    @Nullable Command plain() {
      return previous || keepValue || keepLease
          ? null
          : new Command.Put(
              key, value, type(), binding(), new KeyCondition.Always(), List.of(), false);
    }

    private LeaseBinding binding() {
      if (keepLease) {
        return new LeaseBinding.KeepLease();
      }
      return lease == 0
          ? new LeaseBinding.Detach()
          : new LeaseBinding.Attach(new LeaseId(0, lease));
    }

    private String type() {
      return Utf8.valid(value) ? TEXT : OCTETS;
    }
  }

  /**
   * Removes keys.
   *
   * @param previous whether the answer tells what was there
   */
  record DeleteRange(KeyRange range, boolean previous) implements EtcdOp {
    @Override
    public void addTo(List<Operation> steps) {
      if (previous) {
        steps.add(new Operation.Find(KeyQuery.all(range)));
      }
      steps.add(new Operation.Delete(range, 0));
    }
  }

  /** A transaction. */
  record Txn(List<Compare> conditions, List<EtcdOp> success, List<EtcdOp> failure)
      implements EtcdOp {
    public Txn {
      conditions = List.copyOf(conditions);
      success = List.copyOf(success);
      failure = List.copyOf(failure);
    }

    @Override
    public void addTo(List<Operation> steps) {
      steps.add(new Operation.Nested(transaction()));
    }

    Transaction transaction() {
      return new Transaction(conditions, steps(success), steps(failure));
    }
  }
}
