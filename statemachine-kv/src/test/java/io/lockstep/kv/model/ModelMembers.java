package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.AnnounceAddress;
import io.lockstep.kv.command.Command.PublishKey;
import io.lockstep.kv.member.MemberRole;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.Done;
import io.lockstep.kv.watch.Event.MemberChange;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.Map;
import java.util.TreeMap;

/** Contract 1: members, after the first start. */
public final class ModelMembers {
  private static final int MOST = 30;
  private static final long FOR_GOOD = Long.MAX_VALUE;

  public final TreeMap<NodeId, MemberRole> roles = new TreeMap<>();
  public final TreeMap<NodeId, String> addresses = new TreeMap<>();

  /** By node and then by key: when it goes, or never while it is signed with. */
  public final TreeMap<NodeId, TreeMap<Bytes, Long>> keys = new TreeMap<>();

  private final Model model;

  ModelMembers(Model model) {
    this.model = model;
  }

  void changed(Bytes payload) {
    Membership next = MembershipCodec.decode(payload);
    TreeMap<NodeId, MemberRole> before = new TreeMap<>(roles);
    TreeMap<NodeId, String> known = new TreeMap<>(addresses);
    if (before.isEmpty()) {
      (next.joint() ? next.outgoing() : next.voters())
          .forEach(id -> before.put(id, MemberRole.VOTER));
    }
    roles.clear();
    next.voters().forEach(id -> roles.put(id, MemberRole.VOTER));
    next.outgoing().forEach(id -> roles.put(id, MemberRole.VOTER));
    next.learners()
        .forEach(
            one -> roles.put(one.id(), one.observer() ? MemberRole.OBSERVER : MemberRole.LEARNER));
    next.contacts().stream()
        .filter(contact -> !contact.client().isEmpty())
        .forEach(contact -> addresses.putIfAbsent(contact.id(), contact.client()));
    addresses.keySet().retainAll(roles.keySet());
    keys.forEach(
        (id, own) -> {
          if (!roles.containsKey(id)) {
            retire(own);
          }
        });
    roles.forEach(
        (id, role) -> {
          if (!before.containsKey(id)) {
            tell(MemberChange.ADDED, id, role, addresses.get(id));
          } else if (before.get(id) != role) {
            tell(MemberChange.PROMOTED, id, role, addresses.get(id));
          }
        });
    before.forEach(
        (id, role) -> {
          if (!roles.containsKey(id)) {
            tell(MemberChange.REMOVED, id, role, known.get(id));
          }
        });
    model.history.close();
  }

  private void tell(MemberChange change, NodeId id, MemberRole role, String address) {
    model.history.member(change, id, role, address == null ? "" : address);
  }

  Result announce(AnnounceAddress said) {
    NodeId id = said.member();
    boolean stranger =
        roles.isEmpty()
            ? addresses.size() == MOST && !addresses.containsKey(id)
            : !roles.containsKey(id);
    if (!stranger) {
      String before = addresses.put(id, said.url());
      if (before != null && !before.equals(said.url())) {
        tell(MemberChange.ADDRESS, id, roles.getOrDefault(id, MemberRole.VOTER), said.url());
      }
    }
    return new Done();
  }

  Result publish(PublishKey said) {
    TreeMap<Bytes, Long> own = keys.getOrDefault(said.member(), new TreeMap<>());
    int all = keys.values().stream().mapToInt(TreeMap::size).sum();
    boolean stranger = !roles.isEmpty() && !roles.containsKey(said.member());
    boolean room = own.containsKey(said.key()) || own.size() < 4 && all < 4 * MOST;
    if (!stranger && room && !Long.valueOf(FOR_GOOD).equals(own.get(said.key()))) {
      retire(own);
      own.put(said.key(), FOR_GOOD);
      keys.put(said.member(), own);
    }
    return new Done();
  }

  /** No lease outlives it: none is longer than the longest one, and an hour is for slow clocks. */
  private void retire(Map<Bytes, Long> own) {
    long end = model.now + model.limits.leaseTtlMillisMax() + 3_600_000;
    own.replaceAll((key, until) -> until == FOR_GOOD ? end : until);
  }

  void forgetKeys() {
    keys.values().forEach(own -> own.values().removeIf(until -> until < model.now));
    keys.values().removeIf(TreeMap::isEmpty);
  }

  long firstKeyEnd() {
    return keys.values().stream()
        .flatMap(own -> own.values().stream())
        .min(Long::compare)
        .orElse(FOR_GOOD);
  }
}
