package io.lockstep.raft.identity;

import io.lockstep.raft.NodeId;
import java.util.Objects;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Why a node must not start, in words for its operator; null where there is no reason. */
final class Refusals {
  private Refusals() {}

  /**
   * The peer's cluster lists another directory for this node: this one was emptied, or is foreign.
   */
  static @Nullable String emptied(Identity own, Introduction member) {
    StorageId listed = member.storages().get(own.node());
    if (listed == null || listed.equals(own.storage())) {
      return null;
    }
    return "the data directory of "
        + own.node()
        + " is not the one that its cluster knows: "
        + member.node()
        + " says that cluster "
        + member.cluster()
        + " lists storage id "
        + listed
        + " for "
        + own.node()
        + ", and this directory, which is empty, has "
        + own.storage()
        + ". It was emptied or exchanged, or --cluster names another cluster's nodes. A member that"
        + " lost its data must not vote under its old identity. Start it with the old directory, or"
        + " replace the member: remove "
        + own.node()
        + " from the cluster and add it again with this directory";
  }

  static String otherNodes(Identity own, SortedSet<NodeId> nodes, Introduction peer) {
    return "the nodes disagree on who they are: --cluster of "
        + own.node()
        + " names "
        + nodes
        + ", "
        + peer.node()
        + (peer.cluster() == null ? " names " : " belongs to a cluster of ")
        + peer.nodes()
        + ". The ids must be the same on all nodes (the addresses may differ)";
  }

  static String otherMembers(Identity own, SortedSet<NodeId> nodes) {
    return "--cluster of "
        + own.node()
        + " names "
        + nodes
        + ", but its data directory belongs to cluster "
        + own.cluster()
        + " of "
        + own.members().keySet()
        + ". The ids must be those of the members (the addresses may differ)";
  }

  static String copied(NodeId twin, Introduction peer) {
    return twin
        + " and "
        + peer.node()
        + " have the same storage id "
        + peer.storage()
        + ": one data directory is a copy of the other. Start one of them with a directory of its"
        + " own";
  }

  /** Two members list this directory, in different clusters or with different members. */
  static @Nullable String twoClusters(Introduction one, Introduction other) {
    if (Objects.equals(one.cluster(), other.cluster()) && one.storages().equals(other.storages())) {
      return null;
    }
    return one.node()
        + " belongs to cluster "
        + one.cluster()
        + " of "
        + one.storages()
        + ", "
        + other.node()
        + " to cluster "
        + other.cluster()
        + " of "
        + other.storages()
        + ". They cannot both be this node's cluster";
  }
}
