package io.lockstep.raft.journal.file;

import io.lockstep.raft.Contact;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.identity.Joined;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file that is there in the directory of a member that came after the first start. */
final class JoinedFile {
  private final CheckedFile file;

  JoinedFile(CheckedFile file) {
    this.file = file;
  }

  /** What was saved; null for a founder. */
  @Nullable Joined load() throws IOException {
    if (!file.exists()) {
      return null;
    }
    ByteReader reader = new ByteReader(file.read());
    try {
      List<NodeId> founders = new ArrayList<>();
      for (int left = reader.count(); left > 0; left--) {
        founders.add(new NodeId(reader.text()));
      }
      List<Contact> members = new ArrayList<>();
      for (int left = reader.count(); left > 0; left--) {
        NodeId id = new NodeId(reader.text());
        members.add(new Contact(id, reader.text(), reader.text(), reader.text()));
      }
      reader.end();
      return new Joined(founders, members);
    } catch (ByteReader.Malformed | IllegalArgumentException e) {
      throw file.damaged(String.valueOf(e.getMessage()));
    }
  }

  /** Returns when {@code joined} survives a power cut. */
  void save(Joined joined) throws IOException {
    ByteWriter writer = new ByteWriter(512).varint(joined.founders().size());
    joined.founders().forEach(founder -> writer.text(founder.text()));
    writer.varint(joined.members().size());
    for (Contact contact : joined.members()) {
      writer.text(contact.id().text()).text(contact.storage());
      writer.text(contact.peer()).text(contact.client());
    }
    file.write(writer.toBytes());
  }
}
