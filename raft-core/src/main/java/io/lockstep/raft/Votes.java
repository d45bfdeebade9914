package io.lockstep.raft;

import io.lockstep.raft.quorum.JointQuorum;
import io.lockstep.raft.quorum.VoteResult;
import java.util.List;

/**
 * Who has answered a candidate, and how. A voter's first answer counts, once (thesis 3.4); while
 * joint, both sets must say yes (4.3).
 */
class Votes {
  private static final byte REFUSED = 1;
  private static final byte GRANTED = 2;

  private final List<NodeId> members;
  private final List<NodeId> voters;
  private final List<NodeId> outgoing;
  private final byte[] answers;

  Votes(Membership membership) {
    this.members = membership.members();
    this.voters = membership.voters();
    this.outgoing = membership.outgoing();
    this.answers = new byte[members.size()];
  }

  VoteResult record(NodeId voter, boolean granted) {
    int place = members.indexOf(voter);
    if (place >= 0 && answers[place] == 0) {
      answers[place] = granted ? GRANTED : REFUSED;
    }
    VoteResult incoming = result(voters);
    return outgoing.isEmpty() ? incoming : JointQuorum.of(incoming, result(outgoing));
  }

  private VoteResult result(List<NodeId> of) {
    return VoteResult.of(of.size(), count(of, GRANTED), count(of, REFUSED));
  }

  private int count(List<NodeId> of, byte answer) {
    int count = 0;
    for (NodeId voter : of) {
      count += answers[members.indexOf(voter)] == answer ? 1 : 0;
    }
    return count;
  }
}
