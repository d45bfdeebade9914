package io.lockstep.kv.lease;

import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;

/**
 * A running lease as clients may see it.
 *
 * @param anonymous whether it was made for one key, by a put with a time to live
 * @param keyCount of all keys that are attached
 * @param keys the first of them, in key order
 * @param locks that it holds, in name order
 * @param places the names of the locks that it waits for, in name order
 */
public record LeaseView(
    LeaseId id,
    long ttlMillis,
    long expiresInMillis,
    boolean anonymous,
    List<Label> labels,
    long keyCount,
    List<Bytes> keys,
    List<Bytes> locks,
    List<Bytes> places) {
  public LeaseView {
    labels = List.copyOf(labels);
    keys = List.copyOf(keys);
    locks = List.copyOf(locks);
    places = List.copyOf(places);
  }
}
