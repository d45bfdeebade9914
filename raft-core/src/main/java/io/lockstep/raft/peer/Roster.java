package io.lockstep.raft.peer;

import io.lockstep.raft.Contact;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.Introduction;
import io.lockstep.raft.identity.StorageId;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who may speak with this node, by which directory each is known, and where it is found.
 *
 * @param since the entry that says so; {@link EntryId#NONE} for what the identity says
 * @param places by id; this node included
 */
record Roster(EntryId since, SortedMap<NodeId, Place> places) {
  /**
   * One of them.
   *
   * @param address null when only this node's {@code --cluster} can say
   */
  record Place(StorageId storage, @Nullable PeerAddress address) {}

  Roster {
    places = Collections.unmodifiableSortedMap(new TreeMap<>(places));
  }

  /** Those of this node's identity, where its {@code --cluster} says that they are. */
  static Roster first(Identity identity, SortedMap<NodeId, PeerAddress> cluster) {
    SortedMap<NodeId, Place> places = new TreeMap<>();
    identity
        .members()
        .forEach((id, storage) -> places.put(id, new Place(storage, cluster.get(id))));
    return new Roster(EntryId.NONE, places);
  }

  /**
   * Those that a membership names. This node's {@code --cluster} says best where a member of its
   * identity is found, and the contact where another is.
   */
  Roster next(LocalNode local, EntryId entry, Membership membership, List<NodeId> others) {
    Identity identity = local.identity();
    SortedMap<NodeId, Place> next = new TreeMap<>();
    next.put(identity.node(), new Place(identity.storage(), null));
    for (NodeId id : others) {
      Contact contact = membership.contact(id);
      StorageId first = identity.members().get(id);
      if (contact != null) {
        next.put(id, placeOf(contact, local));
      } else if (first != null) {
        next.put(id, new Place(first, local.options.cluster().get(id)));
      } else if (places.containsKey(id)) {
        next.put(id, places.get(id));
      }
    }
    return new Roster(entry, next);
  }

  private static Place placeOf(Contact contact, LocalNode local) {
    StorageId storage = new StorageId(contact.storage());
    boolean first = storage.equals(local.identity().members().get(contact.id()));
    PeerAddress own = local.options.cluster().get(contact.id());
    return new Place(storage, first && own != null ? own : parse(contact.peer()));
  }

  /** With one who was heard, and knows a later membership. */
  Roster with(NodeId id, StorageId storage, String address) {
    SortedMap<NodeId, Place> more = new TreeMap<>(places);
    more.put(id, new Place(storage, parse(address)));
    return new Roster(since, more);
  }

  private static @Nullable PeerAddress parse(String address) {
    try {
      PeerAddress parsed = PeerAddress.parse(address);
      return parsed.port() == 0 ? null : parsed;
    } catch (IllegalArgumentException unusable) {
      return null;
    }
  }

  @Nullable StorageId storage(NodeId id) {
    Place place = places.get(id);
    return place == null ? null : place.storage();
  }

  @Nullable PeerAddress address(NodeId id) {
    Place place = places.get(id);
    return place == null ? null : place.address();
  }

  /** All but {@code self}. */
  TreeSet<NodeId> peers(NodeId self) {
    TreeSet<NodeId> peers = new TreeSet<>(places.keySet());
    peers.remove(self);
    return peers;
  }

  /** Whether both know {@code peer} by one directory and at one place. */
  boolean sameAs(Roster other, NodeId peer) {
    return Objects.equals(places.get(peer), other.places.get(peer));
  }

  /** How a member of a formed cluster introduces itself. */
  Introduction introduction(Identity formed) {
    TreeMap<NodeId, StorageId> storages = new TreeMap<>();
    places.forEach((id, place) -> storages.put(id, place.storage()));
    storages.put(formed.node(), formed.storage());
    return new Introduction(
        formed.node(),
        formed.storage(),
        formed.cluster(),
        new TreeSet<>(storages.keySet()),
        storages);
  }
}
