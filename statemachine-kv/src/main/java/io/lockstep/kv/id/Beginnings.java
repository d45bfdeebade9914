package io.lockstep.kv.id;

import io.lockstep.kv.store.Digest;

/**
 * Where the numbers of names begin of which nothing is known. In a cluster's first epoch nobody has
 * used the name; in a later one those before may have, after what the epoch began from: so its
 * numbers begin above all that they can have been given.
 *
 * @param firstId of a sequence
 * @param firstStamp of a sequence
 * @param fence the greatest token that a fence may have seen
 */
public record Beginnings(long firstId, long firstStamp, long fence) {
  /** Of a cluster that was not restored. */
  public static final Beginnings OF_FIRST_EPOCH = new Beginnings(1, 1, 0);

  /** A sequence that nobody has asked for in this epoch. */
  Sequence sequence() {
    return new Sequence(firstId, 0, 0, firstStamp);
  }

  void addTo(Digest digest) {
    digest.add(firstId).add(firstStamp).add(fence);
  }
}
