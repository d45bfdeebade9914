package io.lockstep.raft;

import io.lockstep.raft.StateAgreement.Verdict;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A member's own side of the comparison of states: its recent checkpoints, which of them is to be
 * reported to the leader, and what was found.
 *
 * <h2>Which verdicts count</h2>
 *
 * One is about an index and the hash that the others have there, and is heeded only if this life of
 * the node has a checkpoint of that index. So one that comes late, twice, or for an earlier life
 * does no harm: it says of that index what will always be true.
 */
final class OwnState {
  /** Checkpoints kept: about as many seconds of load. */
  static final int KEPT_MAX = 64;

  private final Outbox outbox;
  private final TreeMap<Long, Checkpoint> recent = new TreeMap<>();
  private @Nullable Checkpoint unanswered;
  private StateAgreement agreement = StateAgreement.UNCOMPARED;

  /** Up to where this state is known to be the majority's, and no longer in question. */
  private long agreedIndex;

  /** The highest index at which nobody knew who is right. */
  private long doubtedIndex;

  OwnState(Outbox outbox) {
    this.outbox = outbox;
  }

  StateAgreement agreement() {
    return agreement;
  }

  /** The same, with what only a leader knows. */
  StateAgreement agreement(int membersDiverged) {
    return membersDiverged == 0 ? agreement : agreement.withMembersDiverged(membersDiverged);
  }

  boolean serves() {
    return agreement.serves();
  }

  boolean diverged() {
    return agreement.verdict() == Verdict.DIVERGED;
  }

  /** This node's state has this hash. */
  void hashed(Checkpoint own) {
    recent.put(own.index(), own);
    if (recent.size() > KEPT_MAX) {
      recent.pollFirstEntry();
    }
    if (unanswered == null || unanswered.index() < own.index()) {
      unanswered = own;
    }
  }

  /** The latest checkpoint, until its verdict is known. */
  @Nullable Checkpoint unanswered() {
    return unanswered;
  }

  /** Those that are kept, in order. */
  Iterable<Checkpoint> recent() {
    return recent.values();
  }

  /**
   * A leader found this.
   *
   * @param others what a majority has; when undecided only its index says something
   */
  void judged(Verdict verdict, Checkpoint others) {
    Checkpoint own = recent.get(others.index());
    if (own == null || !own.comparableWith(others) || diverged()) {
      return;
    }
    boolean same = own.hash() == others.hash();
    switch (verdict) {
      case AGREED -> {
        if (same) {
          agreed(own);
        }
      }
      case UNDECIDED -> doubted(own, others);
      case DIVERGED -> {
        if (!same) {
          answered(own);
          conclude(verdict, own, others);
          outbox.add(new Effect.StateDiverged(own, others));
        }
      }
    }
  }

  private void agreed(Checkpoint own) {
    answered(own);
    if (own.index() > agreedIndex) {
      agreedIndex = own.index();
      if (doubtedIndex <= agreedIndex) {
        conclude(Verdict.AGREED, own, own);
      }
    }
  }

  /** Said again of the same index it is nothing new. */
  private void doubted(Checkpoint own, Checkpoint others) {
    if (own.index() > agreedIndex && own.index() > doubtedIndex) {
      doubtedIndex = own.index();
      conclude(Verdict.UNDECIDED, own, others);
    }
  }

  private void answered(Checkpoint own) {
    if (unanswered != null && unanswered.index() <= own.index()) {
      unanswered = null;
    }
  }

  private void conclude(Verdict verdict, Checkpoint own, Checkpoint others) {
    agreement = new StateAgreement(verdict, own, others, agreement.compared() + 1, 0);
  }
}
