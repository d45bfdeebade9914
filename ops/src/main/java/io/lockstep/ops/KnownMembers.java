package io.lockstep.ops;

import io.lockstep.http.ClusterDirectory;
import io.lockstep.ops.config.NodeConfig;
import io.lockstep.raft.identity.Identity;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The members as this node's options name them; of clients' addresses it knows only its own. */
final class KnownMembers implements ClusterDirectory {
  private final @Nullable String clusterId;
  private final List<Member> members;

  KnownMembers(NodeConfig config, Identity identity) {
    this.clusterId = identity.cluster() == null ? null : identity.cluster().text();
    List<Member> known = new ArrayList<>();
    config
        .cluster()
        .forEach(
            (id, peer) ->
                known.add(
                    new Member(
                        id,
                        peer.toString(),
                        id.equals(config.id()) ? "http://" + config.client() : null)));
    this.members = List.copyOf(known);
  }

  @Override
  public @Nullable String clusterId() {
    return clusterId;
  }

  @Override
  public List<Member> members() {
    return members;
  }
}
