package io.lockstep.kv.apply;

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
import io.lockstep.kv.command.Command.NamedLeaseGrant;
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
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure.MalformedCommand;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.Done;
import io.lockstep.raft.Entry;
import io.lockstep.raft.bytes.ByteReader.Malformed;

/** The function from a state and an entry to the next state and an answer. */
public final class EntryApplier {
  /** What came of one entry. */
  public record Step(State state, Applied applied) {}

  private final Rules rules;

  public EntryApplier(Rules rules) {
    this.rules = rules;
  }

  /** What {@code entry}, the next one, makes of {@code state}. */
  public Step apply(State state, Entry entry) {
    Draft draft = new Draft(state, rules, entry.index(), entry.clusterTimeMillis());
    Expiry.run(draft);
    Applied applied =
        switch (entry.kind()) {
          case EMPTY -> applied(draft, new Done());
          case MEMBERSHIP -> {
            MemberChanges.membership(draft, entry.payload());
            yield applied(draft, new Done());
          }
          case COMMAND -> answer(draft, entry);
        };
    return new Step(draft.state(), applied);
  }

  private static Applied answer(Draft draft, Entry entry) {
    Request request;
    try {
      request = RequestCodec.decode(entry.payload());
    } catch (Malformed e) {
      return applied(draft, new MalformedCommand(String.valueOf(e.getMessage())));
    }
    RequestKey key = request.key();
    Applied known = key == null ? null : Answers.known(draft, key);
    if (known != null) {
      return known;
    }
    Result result = execute(draft, request.command());
    draft.closeRevision();
    if (key != null) {
      Answers.remember(draft, key, result);
    }
    return applied(draft, result);
  }

  private static Result execute(Draft draft, Command command) {
    return switch (command) {
      case Put put -> KeyChanges.put(draft, put);
      case Delete delete -> KeyChanges.delete(draft, delete);
      case DeletePrefix delete -> KeyChanges.deletePrefix(draft, delete);
      case Add add -> KeyChanges.add(draft, add);
      case Txn txn -> Transactions.run(draft, txn);
      case LeaseGrant grant -> LeaseChanges.grant(draft, grant);
      case NamedLeaseGrant grant -> LeaseChanges.grant(draft, grant);
      case Renew renew -> LeaseChanges.renew(draft, renew);
      case LeaseRevoke revoke -> LeaseChanges.revoke(draft, revoke);
      case LockAcquire acquire -> LockChanges.acquire(draft, acquire);
      case LockRelease release -> LockChanges.release(draft, release);
      case LockLeave leave -> LockChanges.leave(draft, leave);
      case LockForce force -> LockChanges.force(draft, force);
      case OfIds ids -> IdChanges.execute(draft, ids);
      case OfGates gates -> GateChanges.execute(draft, gates);
      case AnnounceAddress announce -> MemberChanges.announce(draft, announce);
      case PublishKey publish -> MemberChanges.publish(draft, publish);
      case Proclaim proclaim -> Elections.proclaim(draft, proclaim);
      case Transfer transfer -> Elections.transfer(draft, transfer);
      case ServerAlive alive -> {
        draft.places = draft.places.heard(alive.server(), draft.now);
        yield new Done();
      }
      case Compact compact -> {
        draft.compact(Math.min(compact.revision(), draft.state().compactionLimit()));
        yield new Done();
      }
      case SetLimits set -> {
        draft.limits = set.limits();
        yield new Done();
      }
    };
  }

  private static Applied applied(Draft draft, Result result) {
    return new Applied(draft.index, draft.revision(), false, result);
  }
}
