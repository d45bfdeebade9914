package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RecoveredLog;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.journal.DamagedJournalException;
import io.lockstep.raft.journal.RepairPolicy;
import io.lockstep.raft.storage.LogStore;
import io.lockstep.raft.storage.SnapshotStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What this node has lost may go if it can be replaced: only if others had to acknowledge it too.
 * By the latest membership that is left on the disk; the one that is lost with the rest may be
 * another, and then a leader is waited for in vain, but nothing is made up.
 *
 * @param founders the membership before all entries
 * @param listener is told of damage that the node goes on from
 */
public record RepairRule(
    NodeId self, Membership founders, SnapshotStore snapshots, NodeListener listener)
    implements RepairPolicy {
  /** What a node does next that has lost entries. */
  static final String NEXT =
      "this node takes part in no election until a leader has replaced what is lost";

  /** Why one does not start. */
  static final String ALONE =
      "this node is the only voter, so nobody can replace what is lost:"
          + " bring back its data directory from a copy";

  private static final int READ_BYTES = 1 << 20;

  @Override
  public void allow(DamagedJournalException damage, List<Entry> memberships) throws IOException {
    if (!othersHold(memberships)) {
      throw damage;
    }
    listener.damaged(damage.found() + "; all from there on is dropped, and " + NEXT);
  }

  /** Whether others hold what a log had beside the entries that are left in it. */
  boolean othersHold(LogStore kept) throws IOException {
    List<Entry> memberships = new ArrayList<>();
    long end = kept.last().index() + 1;
    for (long next = kept.firstIndex(); next < end; ) {
      List<Entry> read = kept.read(next, end, READ_BYTES);
      memberships.addAll(RecoveredLog.membershipsOf(read));
      next = read.getLast().index() + 1;
    }
    return othersHold(memberships);
  }

  private boolean othersHold(List<Entry> memberships) {
    return !latest(memberships).isLone(self);
  }

  private Membership latest(List<Entry> memberships) {
    SnapshotMeta snapshot = snapshots.newestHeader();
    long stands = snapshot == null ? 0 : snapshot.last().index();
    if (!memberships.isEmpty() && memberships.getLast().index() > stands) {
      return MembershipCodec.decode(memberships.getLast().payload());
    }
    return snapshot == null ? founders : snapshot.membership();
  }
}
