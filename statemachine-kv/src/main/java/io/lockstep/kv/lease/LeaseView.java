package io.lockstep.kv.lease;

import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;

/**
 * A running lease as clients may see it.
 *
 * @param anonymous whether it was made for one key, by a put with a time to live
 * @param keyCount of all keys that are attached
 * @param keys the first of them, in key order
 * @param locks that it holds, in name order, and the elections that it has won
 * @param places the names of those that it waits for
 */
public record LeaseView(
    LeaseId id,
    long ttlMillis,
    long expiresInMillis,
    boolean anonymous,
    List<Label> labels,
    long keyCount,
    List<Bytes> keys,
    List<LockName> locks,
    List<LockName> places) {
  public LeaseView {
    labels = List.copyOf(labels);
    keys = List.copyOf(keys);
    locks = List.copyOf(locks);
    places = List.copyOf(places);
  }
}
