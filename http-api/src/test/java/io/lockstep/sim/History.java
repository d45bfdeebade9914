package io.lockstep.sim;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.raft.sim.check.ExactlyOnce;
import io.lockstep.raft.sim.check.Linearizability;
import io.lockstep.raft.sim.check.LockSafety;
import io.lockstep.raft.sim.check.Operation;
import io.lockstep.raft.sim.check.Verdict;
import io.lockstep.raft.sim.check.VersionedModel;
import io.lockstep.raft.sim.check.VersionedModel.Call;
import io.lockstep.raft.sim.check.VersionedModel.Response;
import io.lockstep.raft.sim.check.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** All that the clients of a run did and heard. */
final class History {
  private final Witness witness;
  private final IdHistory ids;
  private final List<Mutation> mutations = new ArrayList<>();
  private final List<Operation<Call, Response>> reads = new ArrayList<>();
  private final List<Promise> promises = new ArrayList<>();
  private final List<Hold> holds = new ArrayList<>();
  private final LockSafety locks = new LockSafety();
  private final PermitSafety permits = new PermitSafety();
  private final GateHistory gates = new GateHistory();

  /** A lease that by the holder's rule is safe until a moment of true time. */
  private record Promise(LeaseId lease, long safeUntil) {}

  History(Witness witness) {
    this.witness = witness;
    ids = witness.ids();
  }

  IdHistory ids() {
    return ids;
  }

  PermitSafety permits() {
    return permits;
  }

  GateHistory gates() {
    return gates;
  }

  void add(Mutation mutation) {
    mutations.add(mutation);
  }

  void read(Operation<Call, Response> read) {
    reads.add(read);
  }

  void promised(LeaseId lease, long safeUntil) {
    promises.add(new Promise(lease, safeUntil));
  }

  void add(Hold hold) {
    holds.add(hold);
  }

  void guarded(String lock, long token, long revision) {
    locks.wrote(new LockSafety.GuardedWrite(lock, token, revision));
  }

  /** Throws {@link Violation} for what the contract does not allow. */
  void check() {
    ExactlyOnce exactlyOnce = new ExactlyOnce();
    witness.effects(exactlyOnce);
    mutations.forEach(mutation -> mutation.addTo(exactlyOnce));
    exactlyOnce.check();
    for (Promise promise : promises) {
      Long ended = witness.expiredAt(promise.lease());
      if (ended != null && ended < promise.safeUntil()) {
        throw new Violation(
            "a lease is safe as long as its holder may think", promise + " ended at " + ended);
      }
    }
    Stream.concat(holds.stream(), permits.holds().stream()).forEach(this::endIfForced);
    holds.forEach(hold -> locks.granted(hold.grant()));
    locks.check();
    permits.check();
    gates.check();
    ids.check();
    linearizable();
  }

  /** From whom a lock was taken away does not know of it, and is outdated all the same. */
  private void endIfForced(Hold hold) {
    Long forced = witness.holders().forcedAt(hold.lock, hold.lease);
    if (forced != null) {
      hold.givenUp(forced);
    }
  }

  private void linearizable() {
    List<Operation<Call, Response>> history = new ArrayList<>(reads);
    for (Mutation mutation : mutations) {
      Operation<Call, Response> operation = mutation.judged ? mutation.operation() : null;
      if (operation != null) {
        history.add(operation);
      }
    }
    Verdict verdict = Linearizability.checkEach(new VersionedModel(), history, Call::key);
    if (!verdict.isLegal()) {
      throw new Violation("histories are linearizable", verdict.toString());
    }
  }
}
