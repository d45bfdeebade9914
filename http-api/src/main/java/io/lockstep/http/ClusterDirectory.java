package io.lockstep.http;

import io.lockstep.raft.Contact;
import io.lockstep.raft.NodeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What this node was told of the cluster. Callable from any thread; cheap. */
public interface ClusterDirectory {
  /** The cluster's id, null while it is not known. */
  @Nullable String clusterId();

  /** The members at the first start, in the order of their ids. */
  List<NodeId> founders();

  /**
   * How members are known and found, as far as this node was told; the membership may know others,
   * and not these.
   */
  List<Contact> contacts();
}
