package io.lockstep.raft.sim;

import io.lockstep.raft.HardState;
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
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Mistakes in the protocol, the driver's order, and the log, each with a seed that shows it. */
public enum RaftBug implements PlantedBug {
  VOTES_COUNTED_TWICE(1494, PlantedRules.votesCountedTwice()),
  TWO_VOTES_IN_ONE_TERM(71, PlantedRules.twoVotesInOneTerm()),
  VOTES_FOR_OUTDATED_LOGS(41, PlantedRules.votesForOutdatedLogs()),
  COMMITS_OLD_TERMS_BY_COUNTING(21, PlantedRules.commitsOldTermsByCounting()),
  LEADER_COUNTS_UNFLUSHED(1, PlantedRules.leaderCountsUnflushed()),
  ROUNDS_CONFIRM_THEMSELVES(115, PlantedRules.roundsConfirmThemselves()),
  APPENDS_WITHOUT_PREVIOUS_CHECK(28, PlantedRules.appendsWithoutPreviousCheck()),
  REPLIES_BEFORE_FLUSH(1, PlantedRules.repliesBeforeFlush()),
  VOTES_BEFORE_FLUSH(1, PlantedRules.votesBeforeFlush()),
  READS_BEFORE_FIRST_COMMIT(12, PlantedRules.readsBeforeFirstCommit()),
  READS_BEFORE_APPLY(2, PlantedRules.readsBeforeApply()),
  NEW_LEADER_RESTARTS_TIME(1, PlantedRules.newLeaderRestartsTime()),
  CLAIMS_A_SNAPSHOT_TOO_EARLY(22, PlantedRules.claimsASnapshotTooEarly()),
  INSTALL_KEEPS_A_CONFLICTING_SUFFIX(79, PlantedRules.installKeepsAConflictingSuffix()),
  TIME_RESTARTS_AFTER_A_SNAPSHOT(28, PlantedRules.timeRestartsAfterASnapshot()),

  /** More of the log is dropped than a snapshot stands for. */
  COMPACTS_BEYOND_THE_SNAPSHOT(3, null) {
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
  SNAPSHOT_NAMES_ARE_NOT_FORCED(22, null) {
    @Override
    public SnapshotDirectory snapshotFiles(SnapshotDirectory real) {
      return new PlantedFiles(real) {
        @Override
        public void forceNames() {}
      };
    }
  },

  /** A snapshot is of whatever the state is by the time that it is written. */
  SNAPSHOT_OF_A_MOVING_STATE(22, null) {
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

  MEMBERSHIP_AT_COMMIT(13, PlantedRules.membershipAtCommit()),
  ONE_QUORUM_WHILE_JOINT(25, PlantedRules.oneQuorumWhileJoint()),
  VOTERS_CHANGE_AT_ONCE(1, PlantedRules.votersChangeAtOnce()),
  LEARNERS_COUNT(97, PlantedRules.learnersCount()),
  REMOVED_LEADER_GOES_ON(43, PlantedRules.removedLeaderGoesOn()),
  TRUNCATION_KEEPS_MEMBERSHIP(404, PlantedRules.truncationKeepsMembership()),

  /** Every eighth force does nothing. */
  SKIPS_A_FORCE(31, null) {
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
  IGNORES_A_FAILED_FORCE(55, null) {
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
  TRUSTS_WHAT_IT_READS(40, null) {
    @Override
    public SegmentStore segments(SegmentStore real) {
      return new PlantedStore(real) {
        @Override
        void rewrite(Segment segment, long from, long toExclusive) {}
      };
    }
  },

  /** A recovery that cuts a torn tail takes the last whole record with it. */
  CUTS_ONE_RECORD_TOO_FAR(2, null) {
    @Override
    public LogStore recovered(LogStore real) throws IOException {
      if (real.last().index() > 0) {
        real.truncateFrom(real.last().index());
      }
      return real;
    }
  },

  /** The term comes back from the disk without the vote. */
  FORGETS_ITS_VOTE(983, null) {
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

  @SuppressWarnings("ImmutableEnumChecker") // What makes cores has no state of its own.
  private final @Nullable CoreFactory core;

  RaftBug(long seed, @Nullable CoreFactory core) {
    this.seed = seed;
    this.core = core;
  }

  /** A seed that showed it; the search for another begins there when the code has moved on. */
  long seed() {
    return seed;
  }

  @Override
  public CoreFactory core(CoreFactory real) {
    return core == null ? real : core;
  }
}
