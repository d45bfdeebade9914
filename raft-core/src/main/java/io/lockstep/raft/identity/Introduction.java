package io.lockstep.raft.identity;

import io.lockstep.raft.NodeId;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a node says about itself when it meets another.
 *
 * @param node who speaks
 * @param storage its data directory
 * @param cluster the cluster that it belongs to; null while its directory is empty
 * @param nodes the members of its cluster, or, while there is none, those of its {@code --cluster}
 * @param storages the directories of {@code nodes} that it knows: all of a cluster's; before there
 *     is one, its own and those that it has heard in this life
 */
public record Introduction(
    NodeId node,
    StorageId storage,
    @Nullable ClusterId cluster,
    SortedSet<NodeId> nodes,
    SortedMap<NodeId, StorageId> storages) {
  /** Throws {@link IllegalArgumentException} for what no node says. */
  public Introduction {
    nodes = Collections.unmodifiableSortedSet(new TreeSet<>(nodes));
    storages = Collections.unmodifiableSortedMap(new TreeMap<>(storages));
    require(nodes.contains(node), "a node is one of the nodes it names");
    require(storage.equals(storages.get(node)), "a node knows its own directory");
    require(nodes.containsAll(storages.keySet()), "directories belong to the nodes named");
    require(
        cluster == null || storages.size() == nodes.size(),
        "a member knows every member's directory");
  }

  /** How a member of a formed cluster introduces itself. */
  public static Introduction of(Identity formed) {
    return new Introduction(
        formed.node(),
        formed.storage(),
        formed.cluster(),
        new TreeSet<>(formed.members().keySet()),
        formed.members());
  }

  private static void require(boolean holds, String condition) {
    if (!holds) {
      throw new IllegalArgumentException(condition);
    }
  }
}
