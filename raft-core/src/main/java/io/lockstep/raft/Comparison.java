package io.lockstep.raft;

import io.lockstep.raft.StateAgreement.Verdict;
import io.lockstep.raft.quorum.Majority;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A leader's comparison of its members' states, at equal indices. What a majority of the voters has
 * (while joint, of both sets) is taken to be right, and who differs from it has diverged. If voters
 * differ and no majority agrees for an election timeout, nobody can be trusted until one does.
 *
 * <p>Members report a checkpoint again and again until it is judged, so lost messages do not
 * matter.
 */
class Comparison {
  private final Member member;
  private final Replication replication;

  /** By index, then by member. */
  private final TreeMap<Long, TreeMap<NodeId, Checkpoint>> reports = new TreeMap<>();

  /** Up to where a majority is known to agree. */
  private long settledIndex;

  /** The highest index at which voters differ and none is known to be right; 0 for none. */
  private long conflictIndex;

  private long conflictNanos;

  Comparison(Member member, Replication replication) {
    this.member = member;
    this.replication = replication;
    for (Checkpoint own : member.state.recent()) {
      enter(member.self, own);
    }
  }

  /** This leader's own state has this hash. */
  void hashed(Checkpoint own) {
    enter(member.self, own);
    judge(own.index());
  }

  /** A member's state has this hash. */
  void reported(Peer peer, Checkpoint reported) {
    if (reported.index() > member.log.lastIndex()) {
      return;
    }
    enter(peer.id, reported);
    judge(reported.index());
    answer(peer, reported);
  }

  /** Time has passed: voters that still differ are in doubt, all of them. */
  void tick() {
    if (inDoubt()) {
      Map<NodeId, Checkpoint> last = reports.get(conflictIndex);
      Checkpoint own = last == null ? null : last.get(member.self);
      if (own != null && member.state.agreement().verdict() == Verdict.AGREED) {
        member.state.judged(Verdict.UNDECIDED, own);
      }
    }
  }

  /** What those said who are members no longer counts no longer, should their ids come back. */
  void reconfigure() {
    for (TreeMap<NodeId, Checkpoint> each : reports.values()) {
      each.keySet().removeIf(id -> !id.equals(member.self) && replication.peer(id) == null);
    }
  }

  private void enter(NodeId from, Checkpoint checkpoint) {
    reports.computeIfAbsent(checkpoint.index(), _ -> new TreeMap<>()).put(from, checkpoint);
    if (reports.size() > OwnState.KEPT_MAX) {
      reports.pollFirstEntry();
    }
  }

  private void judge(long index) {
    TreeMap<NodeId, Checkpoint> at = reports.get(index);
    if (at == null) {
      return;
    }
    Checkpoint right = majority(at);
    if (right != null) {
      settle(at, right);
    } else if (index > settledIndex && differ(at)) {
      if (conflictIndex == 0) {
        conflictNanos = member.nowNanos;
      }
      conflictIndex = Math.max(conflictIndex, index);
    }
  }

  private void settle(Map<NodeId, Checkpoint> at, Checkpoint right) {
    for (Peer peer : replication.peers()) {
      Checkpoint theirs = at.get(peer.id);
      if (theirs != null && theirs.comparableWith(right)) {
        peer.diverged = theirs.hash() != right.hash();
      }
    }
    Checkpoint own = at.get(member.self);
    if (own != null && at.size() > 1) {
      member.state.judged(verdict(own, right), right);
    }
    if (right.index() > settledIndex) {
      settledIndex = right.index();
      conflictNanos = member.nowNanos;
    }
    findConflict();
  }

  /** Once a majority is known, only what came after it can still be in question. */
  private void findConflict() {
    conflictIndex = 0;
    for (var later : reports.tailMap(settledIndex, false).entrySet()) {
      if (differ(later.getValue())) {
        conflictIndex = later.getKey();
      }
    }
  }

  private void answer(Peer peer, Checkpoint reported) {
    TreeMap<NodeId, Checkpoint> at = reports.get(reported.index());
    Checkpoint right = at == null ? null : majority(at);
    if (right != null) {
      if (right.comparableWith(reported)) {
        tell(peer, right, verdict(reported, right));
      }
    } else if (inDoubt()) {
      tell(peer, reported, Verdict.UNDECIDED);
    }
  }

  private void tell(Peer peer, Checkpoint others, Verdict verdict) {
    member.send(peer.id, new Message.StateVerdict(member.term(), others, verdict));
  }

  private static Verdict verdict(Checkpoint theirs, Checkpoint right) {
    return theirs.hash() == right.hash() ? Verdict.AGREED : Verdict.DIVERGED;
  }

  private boolean inDoubt() {
    return conflictIndex != 0 && member.since(conflictNanos) >= member.electionNanosMax;
  }

  /** What a majority of the voters has at this index; null while that is not known. */
  private @Nullable Checkpoint majority(Map<NodeId, Checkpoint> at) {
    Membership now = member.membership;
    for (Checkpoint candidate : at.values()) {
      if (isMajority(at, candidate, now.voters())
          && (now.outgoing().isEmpty() || isMajority(at, candidate, now.outgoing()))) {
        return candidate;
      }
    }
    return null;
  }

  private static boolean isMajority(
      Map<NodeId, Checkpoint> at, Checkpoint candidate, List<NodeId> voters) {
    long same = voters.stream().filter(voter -> candidate.equals(at.get(voter))).count();
    return same >= Majority.of(voters.size());
  }

  /** Whether two differ of whom neither is known to be wrong. */
  private boolean differ(Map<NodeId, Checkpoint> at) {
    @Nullable Checkpoint first = null;
    for (Map.Entry<NodeId, Checkpoint> each : at.entrySet()) {
      Checkpoint one = each.getValue();
      if (mayBeRight(each.getKey())) {
        if (first != null && first.comparableWith(one) && first.hash() != one.hash()) {
          return true;
        }
        first = one;
      }
    }
    return false;
  }

  private boolean mayBeRight(NodeId id) {
    Peer peer = replication.peer(id);
    boolean diverged = peer == null ? member.state.diverged() : peer.diverged;
    return member.membership.isVoter(id) && !diverged;
  }
}
