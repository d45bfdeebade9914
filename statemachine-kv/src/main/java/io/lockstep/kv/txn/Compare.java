package io.lockstep.kv.txn;

import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.raft.bytes.Bytes;

/** One condition of a transaction. */
public sealed interface Compare {
  /**
   * Every key of the range is as wanted: what it has stands before the operator, the operand's
   * after it. In a range without keys one absent key is looked at.
   */
  record Keys(KeyRange range, Operand operand, Operator operator) implements Compare {}

  /** The range holds a key, or it holds none. */
  record Existence(KeyRange range, boolean exists) implements Compare {}

  /** The lock is held under the token. */
  record LockHeld(LockGuard guard) implements Compare {}

  /** What the fence has seen stands before the operator, {@code token} after it; 0 for nothing. */
  record FenceAt(Bytes fence, long token, Operator operator) implements Compare {}

  /** The lease runs, or it does not. */
  record LeaseAlive(LeaseId lease, boolean alive) implements Compare {}
}
