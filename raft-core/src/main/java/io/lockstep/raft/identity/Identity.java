package io.lockstep.raft.identity;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.NodeId;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a data directory knows about whom it belongs to. Empty until the first start has formed a
 * cluster, formed for ever after. Made durable before the node gives any vote.
 *
 * @param node the member whose directory this is
 * @param storage this directory
 * @param cluster null while empty
 * @param members all members and their directories, this one included; empty while there is no
 *     cluster. Immutable.
 * @param startNumber which life of this directory this is: 0 for a directory that was never
 *     started, one more at each start
 */
public record Identity(
    NodeId node,
    StorageId storage,
    @Nullable ClusterId cluster,
    SortedMap<NodeId, StorageId> members,
    long startNumber) {
  public Identity {
    members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
    if (startNumber < 0) {
      throw new IllegalArgumentException("a start number is not negative: " + startNumber);
    }
    if (cluster == null) {
      if (!members.isEmpty()) {
        throw new IllegalArgumentException("without a cluster there are no members");
      }
    } else {
      if (!storage.equals(members.get(node))) {
        throw new IllegalArgumentException(
            "the members do not list " + node + " with storage id " + storage);
      }
      if (new TreeSet<>(members.values()).size() != members.size()) {
        throw new IllegalArgumentException("two members share a storage id");
      }
    }
  }

  /** The identity of a directory that was never started. */
  public static Identity empty(NodeId node, StorageId storage) {
    return new Identity(node, storage, null, new TreeMap<>(), 0);
  }

  /** Whether a cluster was formed. */
  public boolean formed() {
    return cluster != null;
  }

  /** This directory as a member of {@code cluster}. Only an empty one can become that. */
  public Identity join(ClusterId joined, SortedMap<NodeId, StorageId> of) {
    Invariant.check(!formed(), "a directory joins one cluster only");
    return new Identity(node, storage, joined, of, startNumber);
  }

  /** This directory in its next life. */
  public Identity started() {
    return new Identity(node, storage, cluster, members, startNumber + 1);
  }
}
