package io.lockstep.sim;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.Server;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Planted bugs that let something else come into the log than was asked for. */
final class Misheard {
  private static final int LONGER = 8;

  private Misheard() {}

  /** What a node makes of a command; null for a bug of another kind. */
  static @Nullable BiFunction<NodeId, Command, Command> rule(SystemBug bug) {
    return switch (bug) {
      case PASSED_WAIT_KEEPS_ITS_PLACE ->
          (node, asked) ->
              asked instanceof Command.LockLeave
                  ? new Command.ServerAlive(new Server(node, 0))
                  : asked;
      case EXCLUSIVE_TAKEN_AS_SHARED ->
          (node, asked) -> asked instanceof LockAcquire acquire ? shared(acquire) : asked;
      case PERMITS_COUNTED_AS_ONE ->
          (node, asked) -> asked instanceof LockAcquire acquire ? one(acquire) : asked;
      case TOGETHER_TAKEN_APART ->
          (node, asked) -> asked instanceof LockAcquire acquire ? first(acquire) : asked;
      case TICKET_OUTLIVES_ITS_POLLS ->
          (node, asked) -> asked instanceof LockAcquire acquire ? longer(acquire) : asked;
      case ELECTED_WITH_ANOTHERS_VALUE -> new MixesValues();
      case LATCH_OPENS_EARLY ->
          (node, asked) ->
              asked instanceof Command.ArriveLatch arrive
                  ? new Command.ArriveLatch(arrive.name(), arrive.parties() - 1, arrive.id())
                  : asked;
      case PERIOD_OF_EACH_LEADER ->
          (node, asked) ->
              switch (asked) {
                case Command.ClaimOnce claim ->
                    new Command.ClaimOnce(
                        own(claim.name(), node), claim.period(), claim.ttlMillis(), claim.nonce());
                case Command.FinishOnce finish ->
                    new Command.FinishOnce(own(finish.name(), node), finish.token());
                default -> asked;
              };
      case WORKER_POOL_OF_EACH_LEADER ->
          (node, asked) ->
              asked instanceof Command.LeaseWorkerId lease
                  ? new Command.LeaseWorkerId(
                      own(lease.name(), node),
                      lease.bits(),
                      lease.ttlMillis(),
                      lease.nonce(),
                      lease.wallMillis())
                  : asked;
      case FENCE_OF_EACH_LEADER ->
          (node, asked) ->
              asked instanceof Command.AdvanceFence advance
                  ? new Command.AdvanceFence(own(advance.name(), node), advance.token())
                  : asked;
      default -> null;
    };
  }

  private static Bytes own(Bytes name, NodeId node) {
    return Bytes.utf8(name.utf8() + "@" + node);
  }

  /** Of several the first. */
  private static LockAcquire first(LockAcquire asked) {
    return new LockAcquire(
        asked.name(),
        asked.mode(),
        asked.holder(),
        asked.owner(),
        asked.bid(),
        asked.waitMillis(),
        asked.queueTtlMillis(),
        asked.server(),
        asked.keepPlace(),
        asked.nonce(),
        List.of(),
        asked.delayMillis());
  }

  private static LockAcquire shared(LockAcquire asked) {
    return asked.name().kind() == LockKind.LOCK && asked.also().isEmpty()
        ? with(asked, LockMode.SHARED, asked.bid(), asked.queueTtlMillis())
        : asked;
  }

  private static LockAcquire one(LockAcquire asked) {
    Permits permits = asked.bid().permits();
    return asked.name().kind() == LockKind.SEMAPHORE
        ? with(asked, asked.mode(), Bid.of(new Permits(1, permits.limit())), 0)
        : asked;
  }

  private static LockAcquire longer(LockAcquire asked) {
    return with(asked, asked.mode(), asked.bid(), LONGER * asked.queueTtlMillis());
  }

  private static LockAcquire with(LockAcquire asked, LockMode mode, Bid bid, long queueTtlMillis) {
    return new LockAcquire(
        asked.name(),
        mode,
        asked.holder(),
        asked.owner(),
        bid,
        asked.waitMillis(),
        queueTtlMillis,
        asked.server(),
        asked.keepPlace(),
        asked.nonce(),
        asked.also(),
        asked.delayMillis());
  }

  /** A candidate gets what the one before has brought to the same node. */
  private static final class MixesValues implements BiFunction<NodeId, Command, Command> {
    private Bytes last = Bytes.EMPTY;

    @Override
    public Command apply(NodeId node, Command asked) {
      if (!(asked instanceof LockAcquire acquire) || acquire.name().kind() != LockKind.ELECTION) {
        return asked;
      }
      Bid mixed = new Bid(acquire.bid().priority(), last);
      last = acquire.bid().value();
      return with(acquire, acquire.mode(), mixed, acquire.queueTtlMillis());
    }
  }
}
