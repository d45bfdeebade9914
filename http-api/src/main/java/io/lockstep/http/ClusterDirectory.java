package io.lockstep.http;

import io.lockstep.raft.NodeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who is in the cluster, as this node was told. Callable from any thread; cheap. */
public interface ClusterDirectory {
  /** The cluster's id, null while it is not known. */
  @Nullable String clusterId();

  /** All members, in the order of their ids. */
  List<Member> members();

  /**
   * One member.
   *
   * @param peer where its peers reach it
   * @param client where its clients reach it, null when this node was not told
   */
  record Member(NodeId id, String peer, @Nullable String client) {}
}
