package io.lockstep.raft.identity;

import io.lockstep.raft.Contact;
import io.lockstep.raft.NodeId;
import java.util.List;

/**
 * What a node was told of the cluster that took it in later: enough to read its log from the first
 * entry on, and to reach a member from whom it learns the rest.
 *
 * @param founders the voters at the cluster's first start
 * @param members the contacts of all members when it was taken in, its own among them
 */
public record Joined(List<NodeId> founders, List<Contact> members) {
  /** Throws {@link IllegalArgumentException} for a cluster without members. */
  public Joined {
    founders = List.copyOf(founders);
    members = List.copyOf(members);
    if (founders.isEmpty() || members.isEmpty()) {
      throw new IllegalArgumentException("a cluster has founders and members");
    }
  }
}
