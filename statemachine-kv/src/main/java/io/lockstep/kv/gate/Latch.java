package io.lockstep.kv.gate;

import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.bytes.Bytes;

/**
 * A latch: open once as many have arrived as it waits for, and for ever after. Immutable.
 *
 * @param parties how many it waits for
 * @param arrived the ids of those who came, each once; never more than {@code parties}
 */
public record Latch(int parties, OrderedMap<Bytes, Boolean> arrived) {
  /** The most parties of one latch. Part of the format. */
  public static final int PARTIES_MAX = 10_000;

  /** The longest id of one who arrives. Part of the format. */
  public static final int ID_BYTES_MAX = 256;

  /** What a latch counts for against the quota, without its name. */
  public static final long WEIGHT_BYTES = 200;

  /** What each who arrived counts for against the quota, without the id. */
  public static final long ARRIVAL_WEIGHT_BYTES = 80;

  /** One at which nobody has arrived. */
  public static Latch closed(int parties) {
    return new Latch(parties, OrderedMap.natural((id, here) -> new Digest(3).add(id).value()));
  }

  public boolean open() {
    return arrived.size() >= parties;
  }

  /** With one more who arrived. */
  public Latch with(Bytes id) {
    return new Latch(parties, arrived.put(id, true));
  }

  long digest() {
    return new Digest(parties).add(arrived.digest()).value();
  }
}
