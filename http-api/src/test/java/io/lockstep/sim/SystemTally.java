package io.lockstep.sim;

import io.lockstep.kv.result.Applied;
import io.lockstep.raft.sim.SimCluster;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What happened in many runs, which may run beside each other. */
final class SystemTally {
  private final Map<Offer, LongAdder> uses = new EnumMap<>(Offer.class);
  private final LongAdder leaseReads = new LongAdder();

  SystemTally() {
    for (Offer offer : Offer.values()) {
      uses.put(offer, new LongAdder());
    }
  }

  void used(Offer offer) {
    uses.get(offer).increment();
  }

  /** How often the service was of this use to a guest. */
  long of(Offer offer) {
    return uses.get(offer).sum();
  }

  /** Reads that a leader served by its lease. */
  long leaseReads() {
    return leaseReads.sum();
  }

  void follow(SimCluster<Applied> cluster) {
    long[] before = new long[cluster.nodes().size()];
    cluster.observe(
        (node, status) -> {
          leaseReads.add(Math.max(0, status.leaseReads() - before[node.index()]));
          before[node.index()] = status.leaseReads();
        });
  }

  @Override
  public String toString() {
    return uses + "; " + leaseReads + " reads by lease";
  }
}
