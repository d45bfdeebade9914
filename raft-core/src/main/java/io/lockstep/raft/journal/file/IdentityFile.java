package io.lockstep.raft.journal.file;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.identity.ClusterId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.StorageId;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whose a data directory is, in a file that is replaced as a whole. */
public final class IdentityFile {
  private final CheckedFile file;

  IdentityFile(CheckedFile file) {
    this.file = file;
  }

  boolean exists() {
    return file.exists();
  }

  /** What was last saved; a file that is missing or altered is fatal. */
  public Identity load() throws IOException {
    ByteReader reader = new ByteReader(file.read());
    try {
      Identity identity = decode(reader);
      reader.end();
      return identity;
    } catch (ByteReader.Malformed | IllegalArgumentException e) {
      throw file.damaged(String.valueOf(e.getMessage()));
    }
  }

  private static Identity decode(ByteReader reader) {
    NodeId node = new NodeId(reader.text());
    StorageId storage = new StorageId(reader.text());
    @Nullable ClusterId cluster = reader.bool() ? new ClusterId(reader.text()) : null;
    SortedMap<NodeId, StorageId> members = new TreeMap<>();
    int count = reader.count();
    for (int i = 0; i < count; i++) {
      members.put(new NodeId(reader.text()), new StorageId(reader.text()));
    }
    return new Identity(node, storage, cluster, members, reader.i64());
  }

  /** Returns when {@code identity} survives a power cut. */
  public void save(Identity identity) throws IOException {
    ClusterId cluster = identity.cluster();
    ByteWriter writer = new ByteWriter(256);
    writer.text(identity.node().text()).text(identity.storage().text()).bool(cluster != null);
    if (cluster != null) {
      writer.text(cluster.text());
    }
    writer.varint(identity.members().size());
    identity.members().forEach((node, storage) -> writer.text(node.text()).text(storage.text()));
    file.write(writer.i64(identity.startNumber()).toBytes());
  }
}
