package io.lockstep.sim;

import io.lockstep.http.service.IdRules;
import io.lockstep.http.service.ReadSink;
import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.random.PlantedRules;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.PlantedLeases;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.CoreFactory;
import io.lockstep.raft.node.RaftHandle;
import io.lockstep.raft.sim.PlantedBug;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Mistakes above the log, made on purpose. */
enum SystemBug implements PlantedBug {
  LEASE_DUE_EARLY(5, "a lease runs for its whole time"),
  GRANT_NOT_VALIDATED(1, "a grant goes to a lease that runs"),
  RETRY_EXECUTED(2, "exactly once|a retry gets the first answer"),
  GUARD_IGNORED(2, "a guarded write needs the present token"),
  GUARD_ACCEPTS_OLDER(3, "a guarded write needs the present token"),
  /** The state machine's own check of the rule stops the node. */
  TOKEN_NOT_INCREASING(3, "no part of a node throws"),
  /** A request goes to the leader twice. */
  FORWARD_SENT_TWICE(1, "exactly once"),
  /** A watch is told that it is complete up to the head, while events before that still wait. */
  WATCH_MARK_OVERTAKES(1, "watches are complete and in order"),
  /** A watch goes on after the revision that follows the one it has seen. */
  WATCH_RESUME_SKIPS(1, "watches are complete and in order"),
  /** A watch goes on with the revision that it has seen. */
  WATCH_RESUME_REPEATS(2, "watches are complete and in order"),
  /** A node's own state is taken for the present one. */
  AGE_FORGOTTEN(5, "histories are linearizable"),
  /** A restored state has no stored answers. */
  ANSWERS_MISSING_AFTER_A_RESTORE(
      2, "apply is a function|one entry has one answer|equal state at equal index"),
  /** Leases begin anew in a restored state. */
  DEADLINES_RESET_BY_A_RESTORE(
      1, "apply is a function|one entry has one answer|equal state at equal index"),
  /** A wake-up of the hub that watches hang on gets lost. */
  HUB_LOSES_A_WAKEUP(3, "all nodes come to the same state"),
  /** The service is not told of every publish. */
  PUBLISH_NOT_TOLD(27, "all nodes come to the same state"),
  /** What does not fit into a full stream is dropped, and never sent again. */
  FULL_STREAM_LOSES_FRAMES(2, "watches are complete and in order"),
  /** A repeated grant promises the whole time to live again. */
  REPLAYED_GRANT_IS_WHOLE(77, "a lease is safe as long as its holder may think"),
  /** Whose wait has passed stays in the queue. */
  PASSED_WAIT_KEEPS_ITS_PLACE(5, "no ghost gets a lock"),
  /** An answer makes room for newer ones before a retry can ask for it. */
  YOUNG_ANSWERS_FORGOTTEN(
      3, "exactly once|a retry gets the first answer|a retry takes the same place up again"),
  /** A full queue says that it refuses, and takes the command all the same. */
  REFUSED_BUT_TAKEN(14, "what is refused has no effect|exactly once"),
  /** A full queue refuses renewals like everything else. */
  RENEWALS_GIVE_WAY(361, "renewals pass when writes give way"),
  /** A leader gives ids out of its block without asking whether it still leads. */
  IDS_NOT_CONFIRMED(203, "an id is greater than those of calls that ended before"),
  /** A block is taken for good though another node has reserved since. */
  OUTDATED_BLOCK_GIVEN(5, "an id is greater than those of calls that ended before"),
  /** Who wants a lock alone gets it with others. */
  EXCLUSIVE_TAKEN_AS_SHARED(3, "one holder at a time|tokens rise"),
  /** The state machine's own check of the rule stops the node. */
  PERMITS_OVERCOMMITTED(9, "no part of a node throws"),
  /** Who wants two permits has one of them counted. */
  PERMITS_COUNTED_AS_ONE(9, "never more permits than there are"),
  FORCED_TOKEN_STILL_GUARDS(27, "a guarded write needs the present token"),
  /** A ticket lasts much longer without being polled than its client has asked for. */
  TICKET_OUTLIVES_ITS_POLLS(6, "no ghost gets a lock"),
  /** A node mixes up what two candidates have brought. */
  ELECTED_WITH_ANOTHERS_VALUE(3, "an elected value is the one campaigned with"),
  /** A latch waits for one less than was said. */
  LATCH_OPENS_EARLY(3, "nobody passes a latch before all are there"),
  /** Each leader keeps its own account of what was done. */
  PERIOD_OF_EACH_LEADER(28, "work of a period is done once|one holder at a time"),
  WORKER_POOL_OF_EACH_LEADER(22, "one holder at a time"),
  LOST_WORKER_ID_NOT_RESTED(3, "a worker id that was lost rests"),
  FENCE_GOES_BACK(9, "sequences and fences only rise"),
  FENCE_OF_EACH_LEADER(4, "a fence never falls"),
  /** Of several locks one is taken, and the client told that it has all. */
  TOGETHER_TAKEN_APART(3, "what is asked for together is granted together"),
  TOGETHER_OVERTAKES(14, "nobody is granted a lock past one who waits for it"),
  /** Who wants several locks gives way to all who want one. */
  TOGETHER_STARVES(14, "who is first and finds all free has it"),
  DELAY_IGNORED(3, "nobody is granted a lock in its delay"),
  /** Voters that are told of a dead leader forget that it reads by their pledges. */
  LEASE_READS_DESPITE_HINTS(
      179, "histories are linearizable|an id is greater than those of calls that ended before");

  private final long seed;
  private final String breaks;

  /** Several properties have a bar between them. */
  SystemBug(long seed, String breaks) {
    this.seed = seed;
    this.breaks = breaks;
  }

  @Override
  public long seed() {
    return seed;
  }

  @Override
  public List<String> breaks() {
    return List.of(breaks.split("\\|"));
  }

  /** The rules of one state machine, broken or not. */
  static Rules rules(@Nullable SystemBug bug) {
    return switch (bug) {
      case null -> new Rules();
      case LEASE_DUE_EARLY -> new PlantedRules.LeaseDueEarly();
      case GRANT_NOT_VALIDATED -> new PlantedRules.GrantNotValidated();
      case RETRY_EXECUTED -> new PlantedRules.RetryExecuted();
      case GUARD_IGNORED -> new PlantedRules.GuardIgnored();
      case GUARD_ACCEPTS_OLDER -> new PlantedRules.GuardAcceptsOlder();
      case TOKEN_NOT_INCREASING -> new PlantedRules.TokenNotIncreasing();
      case ANSWERS_MISSING_AFTER_A_RESTORE -> new AfterRestore.AnswersMissing();
      case DEADLINES_RESET_BY_A_RESTORE -> new AfterRestore.DeadlinesReset();
      case PERMITS_OVERCOMMITTED -> new PlantedRules.PermitsOvercommitted();
      case FORCED_TOKEN_STILL_GUARDS -> new PlantedRules.ForcedStillGuards();
      case LOST_WORKER_ID_NOT_RESTED -> new PlantedRules.LostWorkerNotRested();
      case FENCE_GOES_BACK -> new PlantedRules.FenceGoesBack();
      case TOGETHER_OVERTAKES -> new PlantedRules.OvertakenWhileOpen();
      case TOGETHER_STARVES -> new PlantedRules.GivesWayTogether();
      case DELAY_IGNORED -> new PlantedRules.DelayIgnored();
      case FORWARD_SENT_TWICE,
          WATCH_MARK_OVERTAKES,
          WATCH_RESUME_SKIPS,
          WATCH_RESUME_REPEATS,
          AGE_FORGOTTEN,
          HUB_LOSES_A_WAKEUP,
          PUBLISH_NOT_TOLD,
          FULL_STREAM_LOSES_FRAMES,
          REPLAYED_GRANT_IS_WHOLE,
          PASSED_WAIT_KEEPS_ITS_PLACE,
          REFUSED_BUT_TAKEN,
          RENEWALS_GIVE_WAY,
          IDS_NOT_CONFIRMED,
          OUTDATED_BLOCK_GIVEN,
          EXCLUSIVE_TAKEN_AS_SHARED,
          PERMITS_COUNTED_AS_ONE,
          TICKET_OUTLIVES_ITS_POLLS,
          ELECTED_WITH_ANOTHERS_VALUE,
          LATCH_OPENS_EARLY,
          PERIOD_OF_EACH_LEADER,
          WORKER_POOL_OF_EACH_LEADER,
          FENCE_OF_EACH_LEADER,
          TOGETHER_TAKEN_APART,
          LEASE_READS_DESPITE_HINTS ->
          new Rules();
      case YOUNG_ANSWERS_FORGOTTEN -> new ForgetfulRules();
    };
  }

  /** The rules of one node's ids, broken or not. */
  static IdRules idRules(@Nullable SystemBug bug) {
    return switch (bug) {
      case IDS_NOT_CONFIRMED ->
          new IdRules() {
            @Override
            protected void confirm(ReadRound round, ReadSink sink) {
              sink.current();
            }
          };
      case OUTDATED_BLOCK_GIVEN ->
          new IdRules() {
            @Override
            protected boolean stillGood(Sequence sequence, long since) {
              return true;
            }
          };
      case null, default -> new IdRules();
    };
  }

  /** What a node tells of an answer of its state machine. */
  static Applied told(@Nullable SystemBug bug, Applied applied) {
    return bug == REPLAYED_GRANT_IS_WHOLE
            && applied.replayed()
            && applied.result() instanceof Result.LockGranted granted
        ? new Applied(applied.index(), applied.revision(), true, whole(granted))
        : applied;
  }

  private static Result whole(Result.LockGranted granted) {
    return new Result.LockGranted(
        granted.name(),
        granted.mode(),
        granted.token(),
        granted.lease(),
        granted.ticket(),
        granted.ttlMillis(),
        granted.ttlMillis(),
        granted.also());
  }

  /** Whether the service hears of this publish. */
  static boolean tells(@Nullable SystemBug bug, int publish) {
    return bug != PUBLISH_NOT_TOLD || publish % 4 != 0;
  }

  /** The node as its service sees it. */
  static RaftHandle<Applied> handle(@Nullable SystemBug bug, RaftHandle<Applied> real) {
    return switch (bug) {
      case REFUSED_BUT_TAKEN -> new PlantedHandle.RefusesWhatItTakes(real);
      case RENEWALS_GIVE_WAY -> new PlantedHandle.KnowsNoLanes(real);
      case null, default -> {
        var rule = bug == null ? null : Misheard.rule(bug);
        yield rule == null ? real : new PlantedHandle.Rewrites(real, rule);
      }
    };
  }

  /** After which revision a watch goes on that has seen all up to {@code complete}. */
  static long resumeAfter(@Nullable SystemBug bug, long complete) {
    if (bug == WATCH_RESUME_SKIPS) {
      return complete + 1;
    }
    return bug == WATCH_RESUME_REPEATS ? Math.max(0, complete - 1) : complete;
  }

  /** How old a node says that its state is. */
  static long age(@Nullable SystemBug bug, long ageNanos) {
    return bug == AGE_FORGOTTEN ? 0 : ageNanos;
  }

  /** The progress mark of a cursor at {@code position} while {@code head} is published. */
  static long mark(@Nullable SystemBug bug, long position, long head) {
    return bug == WATCH_MARK_OVERTAKES ? Math.max(position, head) : position;
  }

  @Override
  public CoreFactory core(CoreFactory real) {
    return this == LEASE_READS_DESPITE_HINTS ? PlantedLeases.hintsAreHeeded() : real;
  }

  @Override
  public Transport transport(Transport real) {
    return this == FORWARD_SENT_TWICE ? new TwiceTransport(real) : real;
  }

  /** Sends all that services say twice: a repeated answer is ignored, a repeated request is not. */
  private record TwiceTransport(Transport real) implements Transport {
    @Override
    public void start(Receiver receiver) {
      real.start(receiver);
    }

    @Override
    public void send(NodeId to, Message message) {
      real.send(to, message);
    }

    @Override
    public boolean sendService(NodeId to, Bytes payload) {
      real.sendService(to, payload);
      return real.sendService(to, payload);
    }

    @Override
    public void sendSnapshot(NodeId to, long term, SnapshotSource snapshot, SnapshotSent done) {
      real.sendSnapshot(to, term, snapshot, done);
    }

    @Override
    public boolean connected(NodeId peer) {
      return real.connected(peer);
    }
  }
}
