package io.lockstep.kv.command;

import io.lockstep.raft.NodeId;

/** One life of a node. {@code startNumber} tells it from the lives before. */
public record Server(NodeId node, long startNumber) implements Comparable<Server> {
  @Override
  public int compareTo(Server other) {
    int byNode = node.compareTo(other.node);
    return byNode != 0 ? byNode : Long.compare(startNumber, other.startNumber);
  }
}
