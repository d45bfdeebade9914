package io.lockstep.ops.config;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.peer.PeerAddress;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one node is told about itself and its peers.
 *
 * @param id the name of this node; one of {@code cluster}
 * @param data the directory that is this node's identity and memory
 * @param client where clients are answered
 * @param peer where this node listens for its peers
 * @param cluster every member at the first start, with the address at which <em>this</em> node
 *     reaches it
 * @param journal which journal keeps the log
 * @param segmentMebibytes size of a log segment
 * @param timing heartbeat and election timeouts, the same on all nodes
 * @param quotaBytes state kept at most, proposed once, at the cluster's first start
 */
public record NodeConfig(
    NodeId id,
    Path data,
    Address client,
    PeerAddress peer,
    SortedMap<NodeId, PeerAddress> cluster,
    Journal journal,
    int segmentMebibytes,
    Timing timing,
    long quotaBytes) {

  private static final int MEMBERS_MAX = 7;

  /** The implementations of the log. */
  public enum Journal {
    CHRONICLE,
    FILE
  }

  /** Presets of the protocol's times. */
  public enum Timing {
    /** One building: heartbeat 100 ms, election timeout 500 to 1,000 ms. */
    LAN,
    /** Different towns: heartbeat 500 ms, election timeout 3 to 6 s. */
    WAN
  }

  public NodeConfig {
    cluster = Collections.unmodifiableSortedMap(new TreeMap<>(cluster));
    if (!cluster.containsKey(id)) {
      throw new IllegalArgumentException(
          "--id " + id + " is not one of the nodes of --cluster: " + cluster.keySet());
    }
    if (cluster.size() > MEMBERS_MAX || cluster.size() % 2 == 0) {
      throw new IllegalArgumentException(
          "--cluster names 1, 3, 5 or 7 nodes, not " + cluster.size() + ": " + cluster.keySet());
    }
    if (segmentMebibytes < 12 || segmentMebibytes > 1_024) {
      throw new IllegalArgumentException(
          "--segment-mib is between 12 and 1024, not " + segmentMebibytes);
    }
  }

  /** Reads {@code n1=host:port,n2=host:port,...}. */
  public static SortedMap<NodeId, PeerAddress> parseCluster(String text) {
    TreeMap<NodeId, PeerAddress> cluster = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "--cluster is id=host:port,id=host:port,..., and '" + part + "' is not of that form");
      }
      NodeId id = new NodeId(part.substring(0, equals).trim());
      if (cluster.put(id, PeerAddress.parse(part.substring(equals + 1).trim())) != null) {
        throw new IllegalArgumentException("--cluster names " + id + " twice");
      }
    }
    return cluster;
  }
}
