package io.lockstep.raft;

import io.lockstep.raft.quorum.VoteResult;
import java.util.List;

/** Who has answered a candidate, and how. A voter's first answer counts, once (thesis 3.4). */
class Votes {
  private static final byte REFUSED = 1;
  private static final byte GRANTED = 2;

  private final List<NodeId> voters;
  private final byte[] answers;

  Votes(Membership membership) {
    this.voters = membership.voters();
    this.answers = new byte[voters.size()];
  }

  VoteResult record(NodeId voter, boolean granted) {
    int place = voters.indexOf(voter);
    if (place >= 0 && answers[place] == 0) {
      answers[place] = granted ? GRANTED : REFUSED;
    }
    return VoteResult.of(voters.size(), count(GRANTED), count(REFUSED));
  }

  private int count(byte answer) {
    int count = 0;
    for (byte each : answers) {
      count += each == answer ? 1 : 0;
    }
    return count;
  }
}
