package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.ClusterId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.Introduction;
import io.lockstep.raft.identity.StorageId;
import org.jspecify.annotations.Nullable;

/** Whether two nodes may exchange messages: the same question at both sides of a connection. */
final class Handshake {
  private Handshake() {}

  /** Why {@code own} may not speak with who said {@code hello}; null when it may. */
  static @Nullable Rejection check(Identity own, Hello hello) {
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
    StorageId listed = own.members().get(node);
    if (listed == null || node.equals(own.node())) {
      return new Rejection(
          Refusal.UNKNOWN_NODE, node + " is no other member of the cluster of " + own.node());
    }
    if (peer.cluster() != null && !peer.cluster().equals(cluster)) {
      return new Rejection(
          Refusal.FOREIGN_CLUSTER,
          own.node() + " is in cluster " + cluster + ", " + node + " in " + peer.cluster());
    }
    if (!listed.equals(peer.storage())) {
      return otherDirectory(cluster, node, listed, peer.storage());
    }
    if (peer.cluster() == null) {
      return new Rejection(Refusal.NOT_READY, node + " has not joined a cluster yet");
    }
    StorageId mine = peer.storages().get(own.node());
    return own.storage().equals(mine)
        ? null
        : new Rejection(
            Refusal.WRONG_STORAGE,
            node
                + " lists storage id "
                + mine
                + " for "
                + own.node()
                + ", which has "
                + own.storage());
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
