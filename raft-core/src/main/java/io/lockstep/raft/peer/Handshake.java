package io.lockstep.raft.peer;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.ClusterId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.Introduction;
import io.lockstep.raft.identity.StorageId;
import org.jspecify.annotations.Nullable;

/** Whether two nodes may exchange messages: the same question at both sides of a connection. */
final class Handshake {
  private Handshake() {}

  /**
   * Why {@code own} may not speak with who said {@code hello}; null when it may.
   *
   * <p>One of the two may lack the entry that made the other a member: a server takes entries from
   * a leader, and gives its vote to a candidate, that is not in its membership (thesis 4.1). So the
   * word of who knows a later membership counts.
   */
  static @Nullable Rejection check(Identity own, Roster roster, Hello hello) {
    Introduction peer = hello.introduction();
    NodeId node = peer.node();
    Rejection misdirected = checkIntended(own, hello);
    if (misdirected != null) {
      return misdirected;
    }
    ClusterId cluster = own.cluster();
    if (cluster == null) {
      return new Rejection(Refusal.NOT_READY, own.node() + " has not joined a cluster yet");
    }
    StorageId listed = roster.storage(node);
    boolean better = cluster.equals(peer.cluster()) && later(hello.since(), roster.since());
    if (node.equals(own.node()) || listed == null && !better) {
      return new Rejection(
          Refusal.UNKNOWN_NODE, node + " is no other member of the cluster of " + own.node());
    }
    if (peer.cluster() != null && !peer.cluster().equals(cluster)) {
      return new Rejection(
          Refusal.FOREIGN_CLUSTER,
          own.node() + " is in cluster " + cluster + ", " + node + " in " + peer.cluster());
    }
    if (listed != null && !listed.equals(peer.storage()) && !better) {
      return otherDirectory(cluster, node, listed, peer.storage());
    }
    if (peer.cluster() == null) {
      return new Rejection(Refusal.NOT_READY, node + " has not joined a cluster yet");
    }
    StorageId mine = peer.storages().get(own.node());
    return own.storage().equals(mine) || later(roster.since(), hello.since())
        ? null
        : new Rejection(
            mine == null ? Refusal.UNKNOWN_NODE : Refusal.WRONG_STORAGE,
            node
                + " lists storage id "
                + mine
                + " for "
                + own.node()
                + ", which has "
                + own.storage());
  }

  private static boolean later(EntryId one, EntryId other) {
    return !one.equals(other) && one.atLeastAsUpToDateAs(other);
  }

  /** Why {@code hello} was not meant for {@code own}; null when it was. */
  static @Nullable Rejection checkIntended(Identity own, Hello hello) {
    NodeId speaker = hello.introduction().node();
    return hello.intended().equals(own.node())
        ? null
        : new Rejection(
            Refusal.WRONG_NODE,
            speaker
                + " wants "
                + hello.intended()
                + ", but this is "
                + own.node()
                + ": check the addresses in its --cluster");
  }

  private static Rejection otherDirectory(
      ClusterId cluster, NodeId node, StorageId listed, StorageId has) {
    return new Rejection(
        Refusal.WRONG_STORAGE,
        "cluster "
            + cluster
            + " lists storage id "
            + listed
            + " for "
            + node
            + ", but its data directory has "
            + has
            + ": it was emptied or exchanged. Start it with the old directory, or remove the member"
            + " and add it again");
  }
}
