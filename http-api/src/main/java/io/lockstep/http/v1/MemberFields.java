package io.lockstep.http.v1;

import io.lockstep.http.ClusterDirectory;
import io.lockstep.http.response.JsonText;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.raft.Contact;
import io.lockstep.raft.Learner;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How answers write a membership: the cluster, its founders, and its members. */
final class MemberFields {
  private MemberFields() {}

  /**
   * Writes the fields into an open object.
   *
   * @param members what the state knows of them
   * @param more adds fields to the open object of each member
   */
  static void write(
      JsonText json,
      ClusterDirectory directory,
      Membership membership,
      MemberTable members,
      Consumer<NodeId> more) {
    String clusterId = directory.clusterId();
    if (clusterId != null) {
      json.field("cluster_id", clusterId);
    }
    json.name("founders").beginArray();
    directory.founders().forEach(founder -> json.value(founder.text()));
    json.endArray().field("change_in_flight", membership.joint());
    json.name("members").beginArray();
    for (NodeId id : membership.members()) {
      json.begin().field("id", id.text()).field("role", role(membership, id));
      json.field("voter", membership.isVoter(id));
      Contact contact = contactOf(directory, membership, id);
      if (contact != null) {
        json.field("peer", contact.peer()).field("storage_id", contact.storage());
      }
      String client = clientOf(members, contact, id);
      if (!client.isEmpty()) {
        json.field("client", client);
      }
      more.accept(id);
      json.end();
    }
    json.endArray();
  }

  /** What the member has said itself; else what was said when it was taken in. */
  private static String clientOf(MemberTable members, @Nullable Contact contact, NodeId id) {
    String said = members.address(id);
    return said != null ? said : contact == null ? "" : contact.client();
  }

  /** A voter; a learner, which becomes one; or an observer, which does not. */
  private static String role(Membership membership, NodeId id) {
    Learner learner = membership.learner(id);
    return learner == null ? "voter" : learner.observer() ? "observer" : "learner";
  }

  private static @Nullable Contact contactOf(
      ClusterDirectory directory, Membership membership, NodeId id) {
    Contact told = membership.contact(id);
    if (told != null) {
      return told;
    }
    for (Contact known : directory.contacts()) {
      if (known.id().equals(id)) {
        return known;
      }
    }
    return null;
  }
}
