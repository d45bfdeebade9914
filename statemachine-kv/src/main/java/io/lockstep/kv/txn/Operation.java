package io.lockstep.kv.txn;

import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** One step of a transaction's branch. It sees what the steps before it have done. */
public sealed interface Operation {
  /** Sets a key's value. */
  record Put(Bytes key, Bytes value, String contentType, LeaseBinding lease) implements Operation {}

  /**
   * Adds to a counter; see {@code Command.Add}.
   *
   * @param delta may be negative
   */
  record Add(Bytes key, long delta) implements Operation {}

  /**
   * Reads keys, in key order.
   *
   * @param limit at most so many
   * @param keysOnly whether values are left out
   */
  record Get(KeyRange range, int limit, boolean keysOnly) implements Operation {}

  /**
   * Removes keys, in key order. None to be removed is no failure.
   *
   * @param limit at most so many; 0 for all
   */
  record Delete(KeyRange range, long limit) implements Operation {}

  /** Reads keys as a query says. A revision that cannot be read is a failure. */
  record Find(KeyQuery query) implements Operation {}

  /**
   * Sets something of a key that exists, and keeps the rest of it. That it does not exist is a
   * failure.
   *
   * @param value null to keep its value
   */
  record Rewrite(Bytes key, @Nullable Content value, LeaseBinding lease) implements Operation {}

  /** A value, and what it is. */
  record Content(Bytes bytes, String type) {}

  /** A transaction within: its conditions are of the state before the whole one. */
  record Nested(Transaction transaction) implements Operation {}
}
