package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.ClusterId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.StorageId;
import java.util.SortedMap;
import java.util.TreeMap;

/** Identities of a cluster of three, and of intruders. */
final class Members {
  static final NodeId N1 = new NodeId("n1");
  static final NodeId N2 = new NodeId("n2");
  static final NodeId N3 = new NodeId("n3");
  static final NodeId N4 = new NodeId("n4");

  private Members() {}

  static StorageId storage(int number) {
    return new StorageId(String.format("%032x", number));
  }

  /** The directories of n1, n2, ... in the order given. */
  static SortedMap<NodeId, StorageId> storages(int... numbers) {
    TreeMap<NodeId, StorageId> storages = new TreeMap<>();
    for (int i = 0; i < numbers.length; i++) {
      storages.put(new NodeId("n" + (i + 1)), storage(numbers[i]));
    }
    return storages;
  }

  /** {@code node} in the cluster of n1, n2, ... with these directories. */
  static Identity member(NodeId node, int... numbers) {
    SortedMap<NodeId, StorageId> members = storages(numbers);
    return Identity.empty(node, members.get(node))
        .join(ClusterId.formedBy(members.values()), members)
        .started();
  }

  static Identity empty(NodeId node, int number) {
    return Identity.empty(node, storage(number)).started();
  }
}
