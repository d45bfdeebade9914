package io.lockstep.kv.model;

import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.Add;
import io.lockstep.kv.command.Command.AnnounceAddress;
import io.lockstep.kv.command.Command.Compact;
import io.lockstep.kv.command.Command.Delete;
import io.lockstep.kv.command.Command.DeletePrefix;
import io.lockstep.kv.command.Command.LeaseGrant;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockForce;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.OfGates;
import io.lockstep.kv.command.Command.OfIds;
import io.lockstep.kv.command.Command.Proclaim;
import io.lockstep.kv.command.Command.PublishKey;
import io.lockstep.kv.command.Command.Put;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Command.ServerAlive;
import io.lockstep.kv.command.Command.SetLimits;
import io.lockstep.kv.command.Command.Transfer;
import io.lockstep.kv.command.Command.Txn;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.MalformedCommand;
import io.lockstep.kv.result.Failure.QuotaExceeded;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.Done;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import org.jspecify.annotations.Nullable;

/**
 * What the state machine should do, said with plain collections and full scans. Each concept has a
 * class; this one says in which order they act. It shares the words for commands, results and
 * events with the product, and no other code.
 */
public final class Model {
  public Limits limits = Limits.DEFAULT;
  public long index;
  public long now;
  public final ModelHistory history = new ModelHistory(this);
  public final ModelKeys keys = new ModelKeys(this);
  private final ModelTxns txns = new ModelTxns(this);
  public final ModelLeases leases = new ModelLeases(this);
  public final ModelLocks locks = new ModelLocks(this);
  public final ModelPlaces places = new ModelPlaces(this);
  public final ModelIds ids = new ModelIds(this);
  public final ModelWorkers workers = new ModelWorkers(this);
  public final ModelGates gates = new ModelGates(this);
  public final ModelMembers members = new ModelMembers(this);
  private final ModelElections elections = new ModelElections(this);
  public final ModelAnswers answers = new ModelAnswers(this);

  public Applied apply(Entry entry) {
    index = entry.index();
    now = entry.clusterTimeMillis();
    answers.forgetOld();
    locks.forgetIdle();
    places.endWaitsThatPassed();
    places.endPlacesOfSilentNodes();
    leases.expire();
    locks.openThoseDue();
    members.forgetKeys();
    if (entry.kind() == EntryKind.MEMBERSHIP) {
      members.changed(entry.payload());
    }
    if (entry.kind() != EntryKind.COMMAND) {
      return new Applied(index, revision(), false, new Done());
    }
    try {
      return answers.once(RequestCodec.decode(entry.payload()));
    } catch (Malformed e) {
      return new Applied(
          index, revision(), false, new MalformedCommand(String.valueOf(e.getMessage())));
    }
  }

  /** Executes a request that was not executed before. */
  Result execute(Request request) {
    Result result = execute(request.command());
    history.close();
    return result;
  }

  private Result execute(Command command) {
    return switch (command) {
      case Put put -> keys.put(put);
      case Delete delete -> keys.delete(delete);
      case DeletePrefix delete -> keys.deletePrefix(delete);
      case Add add -> keys.add(add);
      case Txn txn -> txns.run(txn);
      case LeaseGrant grant -> leases.grant(grant);
      case Command.NamedLeaseGrant grant -> leases.grant(grant);
      case Renew renew -> leases.renew(renew);
      case LeaseRevoke revoke -> leases.revoke(revoke);
      case LockAcquire acquire -> locks.acquire(acquire);
      case LockRelease release -> locks.release(release);
      case LockLeave leave -> places.leave(leave);
      case LockForce force -> locks.force(force);
      case OfIds asked -> ids.execute(asked);
      case OfGates asked -> gates.execute(asked);
      case AnnounceAddress said -> members.announce(said);
      case PublishKey published -> members.publish(published);
      case Proclaim proclaim -> elections.proclaim(proclaim);
      case Transfer transfer -> elections.transfer(transfer);
      case ServerAlive alive -> {
        places.heard(alive.server());
        yield new Done();
      }
      case Compact compact -> {
        history.compact(compact.revision());
        yield new Done();
      }
      case SetLimits set -> {
        limits = set.limits();
        yield new Done();
      }
    };
  }

  public long revision() {
    return history.revision();
  }

  public long usedBytes() {
    return keys.weight()
        + history.weight()
        + leases.weight()
        + locks.weight()
        + answers.weight()
        + ids.weight()
        + workers.weight()
        + gates.weight();
  }

  /** Contract 1: a quota refuses growth. */
  @Nullable Failure refusesGrowth(long bytes) {
    boolean over = limits.quotaBytes() > 0 && usedBytes() + bytes > limits.quotaBytes();
    return over ? new QuotaExceeded(usedBytes(), limits.quotaBytes()) : null;
  }

  public long nextDueMillis() {
    long due = Math.min(leases.firstDeadline(), places.firstDue());
    return Math.min(Math.min(due, locks.firstOpening()), members.firstKeyEnd());
  }
}
