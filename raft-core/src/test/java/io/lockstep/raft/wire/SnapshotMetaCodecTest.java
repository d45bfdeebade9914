package io.lockstep.raft.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.raft.Contact;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Learner;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SnapshotMetaCodecTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final NodeId N3 = new NodeId("n3");
  private static final SnapshotMeta META =
      new SnapshotMeta(
          new EntryId(7, 1_234_567),
          99_000,
          new Membership(
              List.of(N1),
              List.of(N1, N2),
              List.of(new Learner(N3, true, null)),
              List.of(new Contact(N3, "5a", "host:1", "http://host:2"))));

  private static byte[] encoded() {
    ByteWriter target = new ByteWriter(64);
    SnapshotMetaCodec.encode(META, target);
    return target.toArray();
  }

  private static SnapshotMeta decode(byte[] bytes) {
    ByteReader source = new ByteReader(bytes, 0, bytes.length);
    SnapshotMeta meta = SnapshotMetaCodec.decode(source);
    source.end();
    return meta;
  }

  @Test
  void allThatASnapshotStandsForComesBack() {
    assertEquals(META, decode(encoded()));
  }

  @Test
  void whatIsCutShortOrOfAnotherVersionIsRefused() {
    byte[] good = encoded();
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThrows(Malformed.class, () -> decode(cut));
    }
    byte[] later = good.clone();
    later[0]++;
    assertThrows(Malformed.class, () -> decode(later));
    byte[] noTerm = good.clone();
    noTerm[1] = 0;
    assertThrows(Malformed.class, () -> decode(noTerm));
  }
}
