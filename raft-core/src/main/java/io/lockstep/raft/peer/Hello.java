package io.lockstep.raft.peer;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.identity.ClusterId;
import io.lockstep.raft.identity.Introduction;
import io.lockstep.raft.identity.StorageId;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The first frame of either side of a connection.
 *
 * @param purpose what the connection is for
 * @param session the number that frames of this connection are checked against: the listener's
 *     choice, 0 from the dialer
 * @param intended who is spoken to
 * @param introduction who speaks
 * @param since the entry from which the speaker knows who is a member; of two nodes the one whose
 *     entry is later knows better
 * @param address where the speaker listens; empty when it does not say
 */
record Hello(
    Purpose purpose,
    long session,
    NodeId intended,
    Introduction introduction,
    EntryId since,
    String address) {
  /** The longest frame that is read from someone who has not said hello. */
  static final int FRAME_BYTES_MAX = 8 << 10;

  /** The protocol version that this build speaks, and the only one. */
  static final int VERSION = 2;

  static final int MAGIC = 0x4c_4b_53_50;
  private static final int NODES_MAX = 64;

  /** Of one who knows of no membership but the first. */
  Hello(Purpose purpose, long session, NodeId intended, Introduction introduction) {
    this(purpose, session, intended, introduction, EntryId.NONE, "");
  }

  /** What a dialer wants. The codes go over the wire: never renumber. */
  enum Purpose {
    /** To know who the listener is, and nothing else. */
    PROBE(0),
    /** To send messages. */
    LINK(1),
    /** To send one snapshot. */
    SNAPSHOT(2);

    private final int code;

    Purpose(int code) {
      this.code = code;
    }

    private static Purpose ofCode(int code) {
      return switch (code) {
        case 0 -> PROBE;
        case 1 -> LINK;
        case 2 -> SNAPSHOT;
        default -> throw new Malformed("unknown purpose " + code);
      };
    }
  }

  void encode(ByteWriter target) {
    target.i32(MAGIC).u8(VERSION).u8(purpose.code).i64(session);
    target.text(intended.text()).text(introduction.node().text());
    ClusterId cluster = introduction.cluster();
    target.bool(cluster != null);
    if (cluster != null) {
      hex(cluster.text(), target);
    }
    target.varint(introduction.nodes().size());
    for (NodeId node : introduction.nodes()) {
      StorageId storage = introduction.storages().get(node);
      target.text(node.text()).bool(storage != null);
      if (storage != null) {
        hex(storage.text(), target);
      }
    }
    target.varint(since.term()).varint(since.index()).text(address);
  }

  /** Reads a hello to its end; a stranger's or another version's is found by its first bytes. */
  static Hello decode(ByteReader source) throws FrameReader.BadFrame {
    try {
      if (source.i32() != MAGIC) {
        throw new FrameReader.BadFrame(Refusal.NOT_A_PEER, "no hello of this protocol");
      }
      int version = source.u8();
      if (version != VERSION) {
        throw new FrameReader.BadFrame(
            Refusal.WRONG_VERSION,
            "peer protocol version " + version + ", this node speaks " + VERSION);
      }
      Hello hello = fields(source);
      source.end();
      return hello;
    } catch (Malformed e) {
      throw FrameReader.malformed(e);
    } catch (IllegalArgumentException e) {
      throw new FrameReader.BadFrame(Refusal.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private static Hello fields(ByteReader source) {
    Purpose purpose = Purpose.ofCode(source.u8());
    long session = source.i64();
    NodeId intended = new NodeId(source.text());
    NodeId node = new NodeId(source.text());
    @Nullable ClusterId cluster = source.bool() ? new ClusterId(hex(source)) : null;
    int count = source.count();
    if (count > NODES_MAX) {
      throw new Malformed(count + " nodes");
    }
    TreeSet<NodeId> nodes = new TreeSet<>();
    SortedMap<NodeId, StorageId> storages = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      NodeId named = new NodeId(source.text());
      if (!nodes.add(named)) {
        throw new Malformed("a node is named once");
      }
      if (source.bool()) {
        storages.put(named, new StorageId(hex(source)));
      }
    }
    StorageId storage = storages.get(node);
    if (storage == null) {
      throw new Malformed("a node knows its own directory");
    }
    EntryId since = new EntryId(source.varint(), source.varint());
    return new Hello(
        purpose,
        session,
        intended,
        new Introduction(node, storage, cluster, nodes, storages),
        since,
        source.text());
  }

  private static void hex(String text, ByteWriter target) {
    byte[] bytes = HexFormat.of().parseHex(text);
    target.raw(bytes, 0, bytes.length);
  }

  private static String hex(ByteReader source) {
    HexFormat format = HexFormat.of();
    return format.toHexDigits(source.i64()) + format.toHexDigits(source.i64());
  }
}
