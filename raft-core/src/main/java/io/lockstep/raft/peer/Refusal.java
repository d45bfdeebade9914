package io.lockstep.raft.peer;

import io.lockstep.raft.bytes.ByteReader.Malformed;

/** Why a connection was refused or given up. The codes go over the wire: never renumber. */
public enum Refusal {
  /** The peer belongs to another cluster. */
  FOREIGN_CLUSTER(1, "foreign-cluster"),
  /** The peer's directory, or this node's, is not the one that the cluster knows. */
  WRONG_STORAGE(2, "wrong-storage"),
  /** The peer is not a member. */
  UNKNOWN_NODE(3, "unknown-node"),
  /** The connection was meant for another node. */
  WRONG_NODE(4, "wrong-node"),
  /** The peer speaks another version of the protocol. */
  WRONG_VERSION(5, "wrong-version"),
  /** One of the two has not joined a cluster yet, or is still starting. */
  NOT_READY(6, "not-ready"),
  /** More connections than this node takes. */
  TOO_MANY(7, "too-many"),
  /** What came is not this protocol. */
  NOT_A_PEER(8, "not-a-peer"),
  /** A frame longer than allowed. */
  OVERSIZED(9, "oversized"),
  /**
   * A frame whose checksum is wrong: damaged, repeated, lost, out of order, or of another
   * connection.
   */
  BAD_CHECKSUM(10, "bad-checksum"),
  /** A frame that is intact and says nothing that the format allows. */
  MALFORMED(11, "malformed"),
  /** A frame that has no place there. */
  UNEXPECTED(12, "unexpected"),
  /** The connection ended in the middle of a frame. */
  TRUNCATED(13, "truncated"),
  /** The handshake did not end in time. */
  HANDSHAKE_TIMEOUT(14, "handshake-timeout"),
  /** Nothing came for too long. */
  SILENT(15, "silent"),
  /** The node takes no snapshot now. */
  UNWANTED(16, "unwanted"),
  /** Another snapshot is in the way. */
  BUSY(17, "busy"),
  /** Nothing of a snapshot moved for too long. */
  STALLED(18, "stalled"),
  /** What came of a snapshot could not be stored. */
  NOT_STORED(19, "not-stored");

  private final int code;
  private final String label;

  Refusal(int code, String label) {
    this.code = code;
    this.label = label;
  }

  /** The stable code in the wire format. */
  public int code() {
    return code;
  }

  /** The stable name for metrics and logs. */
  public String label() {
    return label;
  }

  /** Whether it says that the node refused is not the member that it claims to be. */
  public boolean deniesMembership() {
    return switch (this) {
      case FOREIGN_CLUSTER, WRONG_STORAGE, UNKNOWN_NODE -> true;
      case WRONG_NODE,
          WRONG_VERSION,
          NOT_READY,
          TOO_MANY,
          NOT_A_PEER,
          OVERSIZED,
          BAD_CHECKSUM,
          MALFORMED,
          UNEXPECTED,
          TRUNCATED,
          HANDSHAKE_TIMEOUT,
          SILENT,
          UNWANTED,
          BUSY,
          STALLED,
          NOT_STORED ->
          false;
    };
  }

  static Refusal ofCode(int code) {
    for (Refusal refusal : values()) {
      if (refusal.code == code) {
        return refusal;
      }
    }
    throw new Malformed("unknown refusal " + code);
  }
}
