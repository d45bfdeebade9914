package io.lockstep.raft.sim;

import io.lockstep.raft.Entry;
import io.lockstep.raft.HardState;
import io.lockstep.raft.PlantedLeases;
import io.lockstep.raft.PlantedRules;
import io.lockstep.raft.journal.AppendableSegment;
import io.lockstep.raft.journal.Segment;
import io.lockstep.raft.journal.SegmentStore;
import io.lockstep.raft.journal.file.SnapshotDirectory;
import io.lockstep.raft.node.CoreFactory;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.storage.HardStateStore;
import io.lockstep.raft.storage.LogStore;
import io.lockstep.raft.storage.Repair;
import io.lockstep.raft.storage.RepairStore;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Mistakes in the protocol, the driver's order, and the log, each with a seed that shows it. */
public enum RaftBug implements PlantedBug {
  VOTES_COUNTED_TWICE(12, "one leader a term", PlantedRules.votesCountedTwice()),
  TWO_VOTES_IN_ONE_TERM(
      19,
      "one vote a term|one leader a term|no vote before the flush"
          + "|a leader has its own vote on disk",
      PlantedRules.twoVotesInOneTerm()),
  VOTES_FOR_OUTDATED_LOGS(
      1,
      "a leader has all that was committed|what is committed never changes"
          + "|one leader a term|no part of a node throws",
      PlantedRules.votesForOutdatedLogs()),
  COMMITS_OLD_TERMS_BY_COUNTING(
      2,
      "a leader commits by counting only in its own term",
      PlantedRules.commitsOldTermsByCounting()),
  LEADER_COUNTS_UNFLUSHED(1, "committed is on a majority", PlantedRules.leaderCountsUnflushed()),
  ROUNDS_CONFIRM_THEMSELVES(
      46,
      "what is confirmed at a moment holds all answered before it"
          + "|a read sees all that was answered before it",
      PlantedRules.roundsConfirmThemselves()),
  APPENDS_WITHOUT_PREVIOUS_CHECK(
      17,
      "logs match|no part of a node throws" + "|what is committed never changes",
      PlantedRules.appendsWithoutPreviousCheck()),
  REPLIES_BEFORE_FLUSH(1, "no append reply before the flush", PlantedRules.repliesBeforeFlush()),
  VOTES_BEFORE_FLUSH(1, "no vote before the flush", PlantedRules.votesBeforeFlush()),
  READS_BEFORE_FIRST_COMMIT(
      8,
      "what is confirmed at a moment holds all answered before it"
          + "|a read sees all that was answered before it",
      PlantedRules.readsBeforeFirstCommit()),
  READS_BEFORE_APPLY(
      1,
      "a read is served from its index"
          + "|what is confirmed at a moment holds all answered before it",
      PlantedRules.readsBeforeApply()),
  CONFIRMS_THE_LAST_STAMP(
      1, "a confirmed moment bounds cluster time", PlantedRules.confirmsTheLastStamp()),
  NEW_LEADER_RESTARTS_TIME(1, "no part of a node throws", PlantedRules.newLeaderRestartsTime()),
  CLAIMS_A_SNAPSHOT_TOO_EARLY(
      26, "no append reply before the flush", PlantedRules.claimsASnapshotTooEarly()),
  INSTALL_KEEPS_A_CONFLICTING_SUFFIX(
      60, "no part of a node throws", PlantedRules.installKeepsAConflictingSuffix()),
  TIME_RESTARTS_AFTER_A_SNAPSHOT(
      53, "no part of a node throws", PlantedRules.timeRestartsAfterASnapshot()),

  VOTES_UNDER_REPAIR(
      41, "no vote without what was lost and is committed", PlantedRules.votesUnderRepair()),
  CLAIMS_WHAT_IT_LOST(35, "no append reply before the flush", PlantedRules.claimsWhatItLost()),

  /** That something was lost is known to the life that found it, and to no later one. */
  REPAIR_MARK_NOT_DURABLE(
      31,
      "no vote without what was lost and is committed|a node recovers from what a crash left"
          + "|a healed cluster makes progress") {
    @Override
    public RepairStore repairs(RepairStore real) {
      return new RepairStore() {
        private @Nullable Repair begun;

        @Override
        public @Nullable Repair load() throws IOException {
          return begun == null ? real.load() : begun;
        }

        @Override
        public void begin(Repair repair) {
          begun = repair;
        }

        @Override
        public void end() {
          begun = null;
        }
      };
    }
  },

  /** More of the log is dropped than a snapshot stands for. */
  COMPACTS_BEYOND_THE_SNAPSHOT(2, "only what is in a durable snapshot is compacted") {
    @Override
    public LogStore log(LogStore real) {
      return new PlantedLog(real) {
        @Override
        public void compactTo(long firstKept) throws IOException {
          super.compactTo(Math.min(firstKept + 3, last().index() + 1));
        }
      };
    }
  },

  /** A snapshot counts as durable before its name does. */
  SNAPSHOT_NAMES_ARE_NOT_FORCED(8, "a recovery finds the newest snapshot") {
    @Override
    public SnapshotDirectory snapshotFiles(SnapshotDirectory real) {
      return new PlantedFiles(real) {
        @Override
        public void forceNames() {}
      };
    }
  },

  /** A snapshot is of whatever the state is by the time that it is written. */
  SNAPSHOT_OF_A_MOVING_STATE(3, "states are the same at the same index") {
    @Override
    public <R> StateMachine<R> stateMachine(StateMachine<R> real) {
      return new PlantedMachine<>(real) {
        @Override
        public StateSnapshot snapshot() {
          return sink -> real.snapshot().writeTo(sink);
        }
      };
    }
  },

  /**
   * One replica applies some entries by a clock of its own. No caller sees that, and the replicas'
   * own comparison of their states is to find it, so the observer's is left out.
   */
  ONE_REPLICA_HAS_ITS_OWN_TIME(1, "no replica is told that its state is another") {
    @Override
    public boolean statesObserved() {
      return false;
    }

    @Override
    public <R> StateMachine<R> stateMachine(StateMachine<R> real, int node) {
      return node != 1
          ? real
          : new PlantedMachine<>(real) {
            @Override
            public R apply(Entry entry) {
              long skew = entry.index() % 7 == 0 ? 1 : 0;
              return real.apply(
                  new Entry(
                      entry.index(),
                      entry.term(),
                      entry.clusterTimeMillis() + skew,
                      entry.kind(),
                      entry.payload()));
            }
          };
    }
  },

  MEMBERSHIP_AT_COMMIT(1, "committed is on a majority", PlantedRules.membershipAtCommit()),
  ONE_QUORUM_WHILE_JOINT(12, "committed is on a majority", PlantedRules.oneQuorumWhileJoint()),
  VOTERS_CHANGE_AT_ONCE(1, "voters change through both sets", PlantedRules.votersChangeAtOnce()),
  LEARNERS_COUNT(19, "committed is on a majority", PlantedRules.learnersCount()),
  REMOVED_LEADER_GOES_ON(
      12, "all nodes come to the same state", PlantedRules.removedLeaderGoesOn()),
  TRUNCATION_KEEPS_MEMBERSHIP(
      60, "all nodes come to the same state", PlantedRules.truncationKeepsMembership()),

  LEASE_SURVIVES_A_TRANSFER(262, Stale.READ, PlantedLeases.leaseSurvivesATransfer()),
  EVERY_ANSWER_IS_A_PLEDGE(67, Stale.READ, PlantedLeases.everyAnswerIsAPledge()),
  LEASE_FROM_RECEIPT(597, Stale.READ, PlantedLeases.leaseFromReceipt()),
  PLEDGES_BY_OWN_OPTIONS(482, Stale.READ, PlantedLeases.pledgesByItsOwnOptions()),
  RESTARTED_VOTER_IS_FREE(482, Stale.READ, PlantedLeases.restartedVoterIsFree()),
  HINTS_BREAK_PLEDGES(22, Stale.READ, PlantedLeases.hintsAreHeeded()),

  /** Every eighth force does nothing. */
  SKIPS_A_FORCE(1, "a recovery finds all that was forced|a node recovers from what a crash left") {
    @Override
    public SegmentStore segments(SegmentStore real) {
      return new PlantedStore(real) {
        private int forces;

        @Override
        void force(AppendableSegment segment) throws IOException {
          if (++forces % 8 != 0) {
            segment.force();
          }
        }
      };
    }
  },

  /** A force that fails is taken for one that worked. */
  IGNORES_A_FAILED_FORCE(10, "a node recovers from what a crash left") {
    @Override
    public SegmentStore segments(SegmentStore real) {
      return new PlantedStore(real) {
        @Override
        void force(AppendableSegment segment) {
          try {
            segment.force();
          } catch (IOException e) {
            // This is the mistake.
          }
        }
      };
    }
  },

  /** What a start reads counts as durable, though it was only in the memory of the system. */
  TRUSTS_WHAT_IT_READS(
      8, "a node recovers from what a crash left|a recovery finds all that was forced") {
    @Override
    public SegmentStore segments(SegmentStore real) {
      return new PlantedStore(real) {
        @Override
        void rewrite(Segment segment, long from, long toExclusive) {}
      };
    }
  },

  /** A recovery that cuts a torn tail takes the last whole record with it. */
  CUTS_ONE_RECORD_TOO_FAR(1, "a recovery finds all that was forced") {
    @Override
    public LogStore recovered(LogStore real) throws IOException {
      if (real.last().index() > 0) {
        real.truncateFrom(real.last().index());
      }
      return real;
    }
  },

  /** The term comes back from the disk without the vote. */
  FORGETS_ITS_VOTE(322, "one vote a term") {
    @Override
    public HardStateStore hardState(HardStateStore real) {
      return new HardStateStore() {
        @Override
        public HardState load() throws IOException {
          return new HardState(real.load().term(), null);
        }

        @Override
        public void save(HardState hardState) throws IOException {
          real.save(hardState);
        }
      };
    }
  };

  private final long seed;
  private final String breaks;

  @SuppressWarnings("ImmutableEnumChecker") // What makes cores has no state of its own.
  private final @Nullable CoreFactory core;

  RaftBug(long seed, String breaks) {
    this(seed, breaks, null);
  }

  /** Several properties have a bar between them. */
  RaftBug(long seed, String breaks, @Nullable CoreFactory core) {
    this.seed = seed;
    this.breaks = breaks;
    this.core = core;
  }

  @Override
  public long seed() {
    return seed;
  }

  @Override
  public List<String> breaks() {
    return List.of(breaks.split("\\|"));
  }

  @Override
  public CoreFactory core(CoreFactory real) {
    return core == null ? real : core;
  }

  /** A read that lacks something may be noticed in two ways. */
  private static final class Stale {
    static final String READ =
        "a read sees all that was answered before it"
            + "|what is confirmed at a moment holds all answered before it";
  }
}
