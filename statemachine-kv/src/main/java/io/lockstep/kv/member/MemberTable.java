package io.lockstep.kv.member;

import io.lockstep.kv.store.Digest;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The members, where clients reach them, and their public keys. Immutable. Of bounded size, so it
 * does not count against the quota.
 *
 * @param members sorted by id; empty until the membership changes for the first time after the
 *     first start, for who took part in that is not part of the log
 * @param addresses sorted by id, of those whose address is known
 * @param keys with which their signatures are verified, and those of members that have just left
 */
public record MemberTable(List<MemberEntry> members, List<ClientAddress> addresses, KeyTable keys) {
  /** Nothing is known of members. */
  public static final MemberTable EMPTY = new MemberTable(List.of(), List.of(), KeyTable.EMPTY);

  /** More never take part at once. */
  public static final int MEMBERS_MAX = 2 * Membership.VOTERS_MAX + Membership.LEARNERS_MAX;

  public MemberTable {
    members = members.stream().sorted(Comparator.comparing(MemberEntry::id)).toList();
    addresses = addresses.stream().sorted(Comparator.comparing(ClientAddress::id)).toList();
  }

  /** The role of a member; null for one of which nothing is known. */
  public @Nullable MemberRole role(NodeId id) {
    for (MemberEntry member : members) {
      if (member.id().equals(id)) {
        return member.role();
      }
    }
    return null;
  }

  /** Where clients reach this member; null when nobody has said. */
  public @Nullable String address(NodeId id) {
    for (ClientAddress address : addresses) {
      if (address.id().equals(id)) {
        return address.url();
      }
    }
    return null;
  }

  /** Whether the address of {@code id} is kept: it takes part, as far as is known. */
  public boolean mayHaveAddress(NodeId id) {
    return members.isEmpty()
        ? address(id) != null || addresses.size() < MEMBERS_MAX
        : role(id) != null;
  }

  /** With another address of a member that {@link #mayHaveAddress}. */
  public MemberTable withAddress(NodeId id, String url) {
    List<ClientAddress> all = new ArrayList<>(addresses);
    all.removeIf(known -> known.id().equals(id));
    all.add(new ClientAddress(id, url));
    return new MemberTable(members, all, keys);
  }

  /** Whether {@code id} may publish this key: it takes part, as far as is known. */
  public boolean mayPublish(NodeId id, Bytes key) {
    return (members.isEmpty() || role(id) != null) && keys.mayTake(id, key);
  }

  /**
   * With a key that a member signs with from now on, if it {@link #mayPublish} it.
   *
   * @param nowMillis of cluster time
   * @param untilMillis when the key that it has signed with so far goes
   */
  public MemberTable withKey(NodeId id, Bytes key, long nowMillis, long untilMillis) {
    return new MemberTable(members, addresses, keys.with(id, key, nowMillis, untilMillis));
  }

  /** Without the keys whose time has passed. */
  public MemberTable at(long nowMillis) {
    return new MemberTable(members, addresses, keys.at(nowMillis));
  }

  /**
   * With the members of {@code membership}; addresses that it tells are taken for those whose is
   * not known, and those of members that left are forgotten.
   *
   * @param keysUntilMillis when the keys of members that left go, in cluster time
   */
  public MemberTable with(Membership membership, long keysUntilMillis) {
    List<MemberEntry> after = new ArrayList<>();
    List<ClientAddress> known = new ArrayList<>();
    for (NodeId id : membership.members()) {
      after.add(new MemberEntry(id, roleIn(membership, id)));
      String address = address(id);
      var contact = membership.contact(id);
      if (address == null && contact != null && !contact.client().isEmpty()) {
        address = contact.client();
      }
      if (address != null) {
        known.add(new ClientAddress(id, address));
      }
    }
    return new MemberTable(after, known, keys.withOnly(membership::isMember, keysUntilMillis));
  }

  /**
   * Those who took part before {@code next} came, which is the first change after the first start:
   * that began with voters alone, and one step changes either them or the learners.
   */
  public static List<MemberEntry> before(Membership next) {
    List<NodeId> voters = next.joint() ? next.outgoing() : next.voters();
    return voters.stream().map(id -> new MemberEntry(id, MemberRole.VOTER)).toList();
  }

  private static MemberRole roleIn(Membership membership, NodeId id) {
    var learner = membership.learner(id);
    if (learner == null) {
      return MemberRole.VOTER;
    }
    return learner.observer() ? MemberRole.OBSERVER : MemberRole.LEARNER;
  }

  public long digest() {
    Digest digest = new Digest(members.size());
    for (MemberEntry member : members) {
      digest.add(member.id().text()).add(member.role().name());
    }
    for (ClientAddress address : addresses) {
      digest.add(address.id().text()).add(address.url());
    }
    keys.addTo(digest);
    return digest.value();
  }
}
