package io.lockstep.ops.config;

import io.lockstep.raft.Contact;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.peer.PeerAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one node is told about itself and its peers.
 *
 * @param id the name of this node; one of {@code cluster}
 * @param data the directory that is this node's identity and memory
 * @param client where clients are answered
 * @param peer where this node listens for its peers
 * @param cluster empty for a node that joins, or has joined; else every member at the first start,
 *     with the address at which <em>this</em> node reaches it
 * @param journal which journal keeps the log
 * @param segmentMebibytes size of a log segment
 * @param snapshotEntries applied entries after which the next snapshot is taken
 * @param timing heartbeat and election timeouts, the same on all nodes
 * @param quotaBytes state kept at most, proposed once, at the cluster's first start
 * @param join the cluster to be taken into; null for none
 * @param advertised where clients reach this node, if not where it listens; null if so
 */
public record NodeConfig(
    NodeId id,
    Path data,
    Address client,
    PeerAddress peer,
    SortedMap<NodeId, PeerAddress> cluster,
    Journal journal,
    int segmentMebibytes,
    long snapshotEntries,
    Timing timing,
    long quotaBytes,
    @Nullable Join join,
    @Nullable URI advertised) {

  private static final int MEMBERS_MAX = 7;

  /** Clients reach this node where it listens. */
  public NodeConfig(
      NodeId id,
      Path data,
      Address client,
      PeerAddress peer,
      SortedMap<NodeId, PeerAddress> cluster,
      Journal journal,
      int segmentMebibytes,
      long snapshotEntries,
      Timing timing,
      long quotaBytes,
      @Nullable Join join) {
    this(
        id,
        data,
        client,
        peer,
        cluster,
        journal,
        segmentMebibytes,
        snapshotEntries,
        timing,
        quotaBytes,
        join,
        null);
  }

  /**
   * A cluster that this node wants to be taken into.
   *
   * @param url where one of its nodes answers clients
   * @param observer whether to stay a learner
   * @param replaces the voter to take the place of; null for none
   */
  public record Join(URI url, boolean observer, @Nullable NodeId replaces) {
    public Join {
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (!http || url.getHost() == null) {
        throw new IllegalArgumentException("--join is a URL such as http://127.0.0.1:8400");
      }
      if (observer && replaces != null) {
        throw new IllegalArgumentException("an observer replaces no voter");
      }
      String text = url.toString();
      url = text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : url;
    }
  }

  /** The implementations of the log. */
  public enum Journal {
    CHRONICLE,
    FILE;

    /** The one that an operator names. */
    public static Journal named(String name) {
      return switch (name.toLowerCase(Locale.ROOT)) {
        case "chronicle" -> CHRONICLE;
        case "file" -> FILE;
        default ->
            throw new IllegalArgumentException(
                "--journal is chronicle or file, not '" + name + "'");
      };
    }
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
    if (join != null && !cluster.isEmpty()) {
      throw new IllegalArgumentException(
          "--cluster is for the first start of a cluster, --join for one that is there: not both");
    }
    if (!cluster.isEmpty() && !cluster.containsKey(id)) {
      throw new IllegalArgumentException(
          "--id " + id + " is not one of the nodes of --cluster: " + cluster.keySet());
    }
    if (!cluster.isEmpty() && (cluster.size() > MEMBERS_MAX || cluster.size() % 2 == 0)) {
      throw new IllegalArgumentException(
          "--cluster names 1, 3, 5 or 7 nodes, not " + cluster.size() + ": " + cluster.keySet());
    }
    if (advertised != null) {
      advertised = checked(advertised);
    }
    if (segmentMebibytes < 12 || segmentMebibytes > 1_024) {
      throw new IllegalArgumentException(
          "--segment-mib is between 12 and 1024, not " + segmentMebibytes);
    }
    if (snapshotEntries < 100) {
      throw new IllegalArgumentException(
          "--snapshot-entries is at least 100, not " + snapshotEntries);
    }
  }

  private static URI checked(URI url) {
    boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    String text = url.toString();
    if (!http || url.getHost() == null || text.length() > Contact.TEXT_MAX) {
      throw new IllegalArgumentException(
          "--client-url is a URL such as http://10.0.0.7:8400, of at most "
              + Contact.TEXT_MAX
              + " characters");
    }
    return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : url;
  }

  /**
   * Where clients reach this node, as its cluster is told; empty when it listens on all addresses
   * of its host and was not told which of them clients know.
   */
  public String clientUrl() {
    if (advertised != null) {
      return advertised.toString();
    }
    return client.isWildcard() ? "" : "http://" + client;
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
