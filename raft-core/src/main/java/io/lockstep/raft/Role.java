package io.lockstep.raft;

import io.lockstep.raft.RaftStatus.RoleName;
import org.jspecify.annotations.Nullable;

/** What a member is at one moment (thesis 3.3, 9.6), with the state that only that role has. */
sealed interface Role {
  RoleName name();

  /** Follows a leader, or waits for one. */
  final class Follower implements Role {
    /** Null while no leader of the term is known. */
    final @Nullable Following following;

    Follower(@Nullable Following following) {
      this.following = following;
    }

    @Override
    public RoleName name() {
      return RoleName.FOLLOWER;
    }
  }

  /** Asks whether it could win before it raises the term (thesis 9.6). */
  final class PreCandidate implements Role {
    final Votes votes;

    PreCandidate(Votes votes) {
      this.votes = votes;
    }

    @Override
    public RoleName name() {
      return RoleName.PRE_CANDIDATE;
    }
  }

  /** Asks for votes in its term (thesis 3.4). */
  final class Candidate implements Role {
    final Votes votes;

    Candidate(Votes votes) {
      this.votes = votes;
    }

    @Override
    public RoleName name() {
      return RoleName.CANDIDATE;
    }
  }

  /** Leads its term. */
  final class Leader implements Role {
    final Leadership leadership;

    Leader(Leadership leadership) {
      this.leadership = leadership;
    }

    @Override
    public RoleName name() {
      return RoleName.LEADER;
    }
  }
}
