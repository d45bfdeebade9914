package io.lockstep.http.etcd;

import io.lockstep.http.ClusterDirectory;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.service.Coordinator;
import io.lockstep.raft.NodeId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** This node and its cluster under the names that etcd's clients know things by. */
final class EtcdNode {
  private final Coordinator coordinator;
  private final ClusterDirectory directory;
  private volatile long clusterId;
  private volatile long selfId;

  EtcdNode(Coordinator coordinator, ClusterDirectory directory) {
    this.coordinator = coordinator;
    this.directory = directory;
  }

  Coordinator coordinator() {
    return coordinator;
  }

  ClusterDirectory directory() {
    return directory;
  }

  /** A number that never changes while the cluster lives; 0 before its first start is complete. */
  long clusterId() {
    long known = clusterId;
    if (known == 0) {
      String text = directory.clusterId();
      if (text != null) {
        known = numberOf("cluster " + text);
        clusterId = known;
      }
    }
    return known;
  }

  /** The number of a member: it stays the same for as long as its name does. */
  long memberId(NodeId id) {
    return numberOf("member " + clusterId() + " " + id.text());
  }

  /** This node's own, which every answer tells; known as soon as the cluster's is. */
  private long selfId() {
    long known = selfId;
    if (known == 0) {
      boolean settled = clusterId() != 0;
      known = memberId(coordinator.self());
      selfId = settled ? known : 0;
    }
    return known;
  }

  /** The member with this number; null when the membership has none. */
  @Nullable NodeId member(long number) {
    for (NodeId id : coordinator.status().membership().members()) {
      if (memberId(id) == number) {
        return id;
      }
    }
    return null;
  }

  /** The header of every answer, as the next field. */
  void header(JsonText json, long revision) {
    json.name("header").begin();
    ProtoText.unsigned(json, "cluster_id", clusterId());
    ProtoText.unsigned(json, "member_id", selfId());
    ProtoText.number(json, "revision", revision);
    ProtoText.number(json, "raft_term", coordinator.status().term());
    json.end();
  }

  private static long numberOf(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      // Positive, for some clients read a signed number.
      return ByteBuffer.wrap(hash).getLong() & Long.MAX_VALUE | 1;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
