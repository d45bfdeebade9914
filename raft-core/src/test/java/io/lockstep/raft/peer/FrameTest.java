package io.lockstep.raft.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.peer.FrameReader.BadFrame;
import io.lockstep.raft.peer.FrameReader.Frame;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class FrameTest {
  private static final int MAX = 1 << 20;

  @Test
  void framesArriveHoweverTheStreamIsCut() throws BadFrame {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<Bytes> sent = new ArrayList<>();
      byte[] stream = stream(random, sent);
      FrameReader reader = new FrameReader(MAX);
      List<Bytes> received = new ArrayList<>();
      for (int at = 0; at < stream.length; ) {
        int length = Math.min(stream.length - at, 1 + random.nextInt(1 << random.nextInt(17)));
        reader.feed(Buffer.buffer(Arrays.copyOfRange(stream, at, at + length)));
        for (Frame f = reader.next(); f != null; f = reader.next()) {
          assertEquals(FrameKind.SERVICE, f.kind());
          received.add(f.payload().bytes());
        }
        at += length;
      }
      assertEquals(sent, received, "seed " + seed);
      assertFalse(reader.inFrame());
    }
  }

  @Test
  void everyFlippedBitIsFound() {
    byte[] frame = frames(1, "some payload").get(0);
    for (int bit = 0; bit < frame.length * 8; bit++) {
      byte[] damaged = frame.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      FrameReader reader = new FrameReader(64);
      reader.feed(Buffer.buffer(damaged));
      Refusal found = null;
      try {
        // A length that became greater waits for more bytes; whatever comes, the checksum is wrong.
        assertNull(reader.next(), "bit " + bit);
        reader.feed(Buffer.buffer(new byte[64]));
        reader.next();
      } catch (BadFrame e) {
        found = e.refusal();
      }
      assertTrue(found == Refusal.BAD_CHECKSUM || found == Refusal.OVERSIZED, "bit " + bit);
    }
  }

  @Test
  void aRepeatedDroppedOrReorderedFrameIsFound() throws BadFrame {
    List<byte[]> three = frames(3, "x");
    assertBadAfter(1, three.get(0), three.get(0));
    assertBadAfter(1, three.get(0), three.get(2));
    assertBadAfter(0, three.get(1), three.get(0));
    assertBadAfter(2, three.get(0), three.get(1), three.get(1));
  }

  @Test
  void aFrameOfAnotherConnectionIsFound() throws BadFrame {
    ByteWriter bytes = new ByteWriter(16);
    FrameWriter writer = new FrameWriter();
    writer.enter(7);
    writer.end(writer.begin(FrameKind.PING, bytes), bytes);
    FrameReader same = new FrameReader(MAX);
    same.enter(7, MAX);
    same.feed(Buffer.buffer(bytes.toArray()));
    Frame ping = same.next();
    assertTrue(ping != null && ping.kind() == FrameKind.PING);
    FrameReader other = new FrameReader(MAX);
    other.enter(8, MAX);
    other.feed(Buffer.buffer(bytes.toArray()));
    assertEquals(Refusal.BAD_CHECKSUM, assertThrows(BadFrame.class, other::next).refusal());
  }

  @Test
  void aLengthBeyondTheCapIsRefusedBeforeItsBytesCome() {
    for (String length : List.of("00000041", "7fffffff", "80000000", "ffffffff", "00000000")) {
      FrameReader reader = new FrameReader(64);
      reader.feed(Buffer.buffer(HexFormat.of().parseHex(length)));
      assertEquals(Refusal.OVERSIZED, assertThrows(BadFrame.class, reader::next).refusal(), length);
    }
  }

  @Test
  void anIntactFrameOfAnUnknownKindIsMalformed() {
    ByteWriter bytes = new ByteWriter(16).i32(1).i32(0).u8(99);
    bytes.patchI32(4, new FrameChecksum().of(0, 0, bytes.array(), 0, 1));
    FrameReader reader = new FrameReader(64);
    reader.feed(Buffer.buffer(bytes.toArray()));
    assertEquals(Refusal.MALFORMED, assertThrows(BadFrame.class, reader::next).refusal());
  }

  /** The bytes themselves: the first frame of every version must look like this. */
  @Test
  void theFormatIsTheDocumentedOne() {
    ByteWriter bytes = new ByteWriter(16);
    FrameWriter writer = new FrameWriter();
    int frame = writer.begin(FrameKind.PING, bytes);
    bytes.i64(1);
    writer.end(frame, bytes);
    byte[] covered =
        HexFormat.of().parseHex("0".repeat(32) + "00000009" + "03" + "0000000000000001");
    CRC32C crc = new CRC32C();
    crc.update(covered);
    assertArrayEquals(
        HexFormat.of()
            .parseHex(
                "00000009" + String.format("%08x", crc.getValue()) + "03" + "0000000000000001"),
        bytes.toArray());
  }

  private static void assertBadAfter(int good, byte[]... frames) throws BadFrame {
    FrameReader reader = new FrameReader(MAX);
    for (byte[] frame : frames) {
      reader.feed(Buffer.buffer(frame));
    }
    for (int i = 0; i < good; i++) {
      assertNotNull(reader.next());
    }
    assertEquals(Refusal.BAD_CHECKSUM, assertThrows(BadFrame.class, reader::next).refusal());
  }

  private static List<byte[]> frames(int count, String payload) {
    FrameWriter writer = new FrameWriter();
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ByteWriter bytes = new ByteWriter(16);
      int frame = writer.begin(FrameKind.SERVICE, bytes);
      bytes.text(payload);
      writer.end(frame, bytes);
      frames.add(bytes.toArray());
    }
    return frames;
  }

  private static byte[] stream(Random random, List<Bytes> sent) {
    FrameWriter writer = new FrameWriter();
    ByteWriter bytes = new ByteWriter(16);
    for (int i = 0; i < 20; i++) {
      byte[] payload = new byte[random.nextInt(1 << random.nextInt(18))];
      random.nextBytes(payload);
      sent.add(Bytes.wrap(payload));
      int frame = writer.begin(FrameKind.SERVICE, bytes);
      bytes.bytes(sent.get(i));
      writer.end(frame, bytes);
    }
    return bytes.toArray();
  }
}
