package io.lockstep.ops;

import io.lockstep.http.ClusterDirectory;
import io.lockstep.ops.config.NodeConfig;
import io.lockstep.raft.Contact;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.Joined;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.peer.PeerAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The members as this node's options, and the cluster that took it in, name them; where clients
 * reach them, others than this node, the state tells.
 */
final class KnownMembers implements ClusterDirectory {
  private final @Nullable String clusterId;
  private final List<NodeId> founders;
  private final List<Contact> contacts;

  KnownMembers(NodeConfig config, Identity identity, @Nullable Joined joined) {
    this.clusterId = identity.cluster() == null ? null : identity.cluster().text();
    this.founders = founders(identity, joined);
    List<Contact> known = new ArrayList<>();
    if (joined != null) {
      joined.members().forEach(member -> known.add(withOwnAddress(member, config)));
    } else {
      config.cluster().forEach((id, peer) -> add(known, config, identity, id, peer));
    }
    this.contacts = List.copyOf(known);
  }

  private static void add(
      List<Contact> known, NodeConfig config, Identity identity, NodeId id, PeerAddress peer) {
    StorageId storage = identity.members().get(id);
    if (storage != null) {
      known.add(withOwnAddress(new Contact(id, storage.text(), peer.toString(), ""), config));
    }
  }

  /** Where clients reach this node is told by its options of today. */
  private static Contact withOwnAddress(Contact member, NodeConfig config) {
    return member.id().equals(config.id())
        ? new Contact(member.id(), member.storage(), member.peer(), config.clientUrl())
        : member;
  }

  /** The voters of the first membership. */
  static List<NodeId> founders(Identity identity, @Nullable Joined joined) {
    return joined != null ? joined.founders() : List.copyOf(identity.members().keySet());
  }

  /**
   * Where this node finds its peers: as {@code --cluster} says, or as the cluster that took it in
   * said.
   */
  static SortedMap<NodeId, PeerAddress> addresses(NodeConfig config, @Nullable Joined joined) {
    SortedMap<NodeId, PeerAddress> addresses = new TreeMap<>();
    if (joined != null) {
      for (Contact member : joined.members()) {
        PeerAddress address = usable(member.peer());
        if (address != null) {
          addresses.put(member.id(), address);
        }
      }
      addresses.put(config.id(), config.peer());
    }
    addresses.putAll(config.cluster());
    return Collections.unmodifiableSortedMap(addresses);
  }

  /** An address that cannot be used from here is no reason not to start: the others tell more. */
  private static @Nullable PeerAddress usable(String text) {
    try {
      return PeerAddress.parse(text);
    } catch (IllegalArgumentException unusable) {
      return null;
    }
  }

  @Override
  public @Nullable String clusterId() {
    return clusterId;
  }

  @Override
  public List<NodeId> founders() {
    return founders;
  }

  @Override
  public List<Contact> contacts() {
    return contacts;
  }
}
