package io.lockstep.raft.identity;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a node does before it takes part in anything: wait, form a cluster, adopt the one its peers
 * have formed, or refuse to start. A pure decision; the caller makes the outcome durable before it
 * announces it or votes.
 *
 * <h2>Why there is one cluster</h2>
 *
 * A cluster's id is a function of its members' directories, so nodes that form from the same
 * directories form the same cluster without a word. Only an operator who empties a directory in the
 * middle of a first start can show two nodes different ones. So a node forms only when every peer,
 * still without a cluster, has said that it knows exactly the same directories. Say n1 formed from
 * {s1, s2, s3}: then n3 had said so, and n1 had never before said anything else of n2, for a
 * directory is replaced but never comes back. For n3 to form from {s1, s2', s3}, n1 must have said
 * that, without a cluster; it can have said it neither before it formed nor after. This needs what
 * a peer says to be taken in the order in which it was said: only answers to one's own questions
 * count, one question at a time.
 *
 * <p>A node that falls between its decision and its durability has decided nothing, and decides
 * again.
 */
public sealed interface FirstStart {
  /**
   * Not yet. {@code unheard} are peers that have not answered; {@code undecided} have, but have not
   * heard all the others.
   */
  record Wait(List<NodeId> unheard, List<NodeId> undecided) implements FirstStart {}

  /** All are empty and know each other: they are the cluster. */
  record Form(ClusterId cluster, SortedMap<NodeId, StorageId> members) implements FirstStart {}

  /**
   * The cluster that lists this directory: peers were a step ahead, or this node already belonged
   * to it.
   */
  record Adopt(ClusterId cluster, SortedMap<NodeId, StorageId> members) implements FirstStart {}

  /** This node must not start; {@code reason} tells its operator why, and what to do. */
  record Refuse(String reason) implements FirstStart {}

  /**
   * Decides.
   *
   * @param own this directory
   * @param nodes the ids in {@code --cluster}
   * @param heard the latest answer of each peer
   */
  static FirstStart decide(
      Identity own, SortedSet<NodeId> nodes, SortedMap<NodeId, Introduction> heard) {
    if (!nodes.contains(own.node())) {
      return new Refuse("--cluster does not list this node: " + own.node() + " is not in " + nodes);
    }
    if (own.cluster() != null) {
      return own.members().keySet().equals(nodes)
          ? new Adopt(own.cluster(), own.members())
          : new Refuse(Refusals.otherMembers(own, nodes));
    }
    Refuse refuse = refusal(own, nodes, heard);
    if (refuse != null) {
      return refuse;
    }
    for (Introduction peer : heard.values()) {
      if (peer.cluster() != null) {
        return new Adopt(peer.cluster(), peer.storages());
      }
    }
    return formOrWait(own, nodes, heard);
  }

  /** How a node without a cluster introduces itself, given what it has heard so far. */
  static Introduction introduction(
      Identity own, SortedSet<NodeId> nodes, SortedMap<NodeId, Introduction> heard) {
    Invariant.check(!own.formed(), "a member introduces itself by its identity alone");
    return new Introduction(own.node(), own.storage(), null, nodes, directories(own, heard));
  }

  private static FirstStart formOrWait(
      Identity own, SortedSet<NodeId> nodes, SortedMap<NodeId, Introduction> heard) {
    TreeSet<NodeId> unheard = new TreeSet<>(nodes);
    unheard.remove(own.node());
    unheard.removeAll(heard.keySet());
    SortedMap<NodeId, StorageId> directories = directories(own, heard);
    List<NodeId> undecided = new ArrayList<>();
    for (Introduction peer : heard.values()) {
      if (!peer.storages().equals(directories)) {
        undecided.add(peer.node());
      }
    }
    return unheard.isEmpty() && undecided.isEmpty()
        ? new Form(ClusterId.formedBy(directories.values()), directories)
        : new Wait(List.copyOf(unheard), List.copyOf(undecided));
  }

  private static SortedMap<NodeId, StorageId> directories(
      Identity own, SortedMap<NodeId, Introduction> heard) {
    TreeMap<NodeId, StorageId> directories = new TreeMap<>();
    directories.put(own.node(), own.storage());
    heard.forEach((node, peer) -> directories.put(node, peer.storage()));
    return directories;
  }

  private static @Nullable Refuse refusal(
      Identity own, SortedSet<NodeId> nodes, SortedMap<NodeId, Introduction> heard) {
    TreeMap<StorageId, NodeId> holders = new TreeMap<>();
    holders.put(own.storage(), own.node());
    Introduction member = null;
    for (Introduction peer : heard.values()) {
      Invariant.check(nodes.contains(peer.node()), "only the nodes of --cluster are asked");
      String reason = peer.cluster() == null ? null : Refusals.emptied(own, peer);
      if (reason == null && !peer.nodes().equals(nodes)) {
        reason = Refusals.otherNodes(own, nodes, peer);
      }
      NodeId twin = holders.put(peer.storage(), peer.node());
      if (reason == null && twin != null) {
        reason = Refusals.copied(twin, peer);
      }
      if (reason == null && peer.cluster() != null && member != null) {
        reason = Refusals.twoClusters(member, peer);
      }
      if (reason != null) {
        return new Refuse(reason);
      }
      member = peer.cluster() == null ? member : peer;
    }
    return null;
  }
}
