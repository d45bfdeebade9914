package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.LeaseWorkerId;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.LimitDiffers;
import io.lockstep.kv.result.Failure.PoolExhausted;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.WorkerLeased;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Contract 9: worker ids. A number is free when its lease has ended and its rest is over. */
public final class ModelWorkers {
  /** A number that was leased. */
  public static final class Worker {
    public LeaseId lease;
    long high;
    long since;
    long restsUntil = -1;
  }

  /** A pool: the numbers from 0 on that were ever leased. */
  public static final class Pool {
    public int bits;
    public final List<Worker> workers = new ArrayList<>();
  }

  public final TreeMap<Bytes, Pool> pools = new TreeMap<>();
  private final Model model;

  ModelWorkers(Model model) {
    this.model = model;
  }

  Result lease(LeaseWorkerId asked) {
    if (asked.name().isEmpty() || asked.name().length() > 1024) {
      return new KeyLengthInvalid(1024);
    }
    if (!model.leases.ttlAllowed(asked.ttlMillis())) {
      return model.leases.ttlFailure();
    }
    Pool pool = pools.get(asked.name());
    if (pool != null && pool.bits != asked.bits()) {
      return new LimitDiffers(asked.bits(), pool.bits);
    }
    int known = pool == null ? 0 : pool.workers.size();
    int number = 0;
    long firstRest = Long.MAX_VALUE;
    while (number < known) {
      Worker worker = pool.workers.get(number);
      if (worker.lease == null && model.now > worker.restsUntil) {
        break;
      }
      firstRest = Math.min(firstRest, worker.lease == null ? worker.restsUntil : Long.MAX_VALUE);
      number++;
    }
    if (number == 1 << asked.bits()) {
      long wait = firstRest == Long.MAX_VALUE ? 0 : firstRest - model.now + 1;
      return new PoolExhausted(1L << asked.bits(), wait);
    }
    long growth = number < known ? 400 : 600 + asked.name().length();
    Failure refusal = model.refusesGrowth(growth);
    return refusal == null ? grant(asked, number) : refusal;
  }

  private Result grant(LeaseWorkerId asked, int number) {
    Pool pool = pools.computeIfAbsent(asked.name(), name -> new Pool());
    pool.bits = asked.bits();
    boolean anew = number == pool.workers.size();
    if (anew) {
      pool.workers.add(new Worker());
    }
    Worker worker = pool.workers.get(number);
    worker.lease = new LeaseId(model.index, asked.nonce());
    long passed = anew ? 0 : worker.high + model.now - worker.since;
    worker.high = Math.max(asked.wallMillis(), passed);
    worker.since = model.now;
    model.leases.start(worker.lease, asked.ttlMillis(), false);
    return new WorkerLeased(
        worker.lease, number, worker.high, asked.ttlMillis(), asked.ttlMillis());
  }

  void leaseEnded(LeaseId lease, long ttl, LeaseEnd how) {
    for (Pool pool : pools.values()) {
      for (Worker worker : pool.workers) {
        if (lease.equals(worker.lease)) {
          worker.lease = null;
          worker.restsUntil = how == LeaseEnd.EXPIRED ? model.now + ttl : -1;
        }
      }
    }
  }

  long weight() {
    long sum = 0;
    for (Bytes name : pools.keySet()) {
      sum += pools.get(name).workers.size() * (200L + name.length());
    }
    return sum;
  }
}
