package io.lockstep.raft.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Checkpoint;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Message;
import io.lockstep.raft.StateAgreement.Verdict;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MessageCodecTest {
  private static final long SEED = 20_250_101;

  @Test
  void everyVariantIsGenerated() {
    Set<String> generated = new TreeSet<>();
    new RandomMessages(new Random(SEED))
        .oneOfEach()
        .forEach(m -> generated.add(m.getClass().getSimpleName()));
    Set<String> all = new TreeSet<>();
    for (Class<?> variant : Message.class.getPermittedSubclasses()) {
      all.add(variant.getSimpleName());
    }
    assertEquals(all, generated);
  }

  @Test
  void whatIsDecodedIsWhatWasEncoded() {
    RandomMessages random = new RandomMessages(new Random(SEED));
    for (int i = 0; i < 2_000; i++) {
      for (Message message : random.oneOfEach()) {
        byte[] encoded = encoded(message);
        assertEquals(message, decoded(encoded), "seed " + SEED);
        assertTrue(encoded.length <= MessageCodec.sizeMax(message), "seed " + SEED);
      }
    }
  }

  @Test
  void aMessageMayStandInTheMiddleOfOtherBytes() {
    Message message = new RandomMessages(new Random(SEED)).append(3, 50);
    ByteWriter target = new ByteWriter(16).i64(-1);
    MessageCodec.encode(message, target);
    int end = target.size();
    target.i64(-1);
    assertEquals(message, MessageCodec.decode(new ByteReader(target.array(), 8, end)));
  }

  @Test
  void aMessageCutShortAtAnyByteIsMalformed() {
    RandomMessages random = new RandomMessages(new Random(SEED));
    for (int i = 0; i < 50; i++) {
      for (Message message : random.oneOfEach()) {
        byte[] encoded = encoded(message);
        for (int length = 0; length < encoded.length; length++) {
          ByteReader cut = new ByteReader(encoded, 0, length);
          assertThrows(Malformed.class, () -> MessageCodec.decode(cut), "seed " + SEED);
        }
      }
    }
  }

  @Test
  void aByteTooManyIsMalformed() {
    for (Message message : new RandomMessages(new Random(SEED)).oneOfEach()) {
      byte[] encoded = encoded(message);
      byte[] longer = Arrays.copyOf(encoded, encoded.length + 1);
      assertThrows(Malformed.class, () -> decoded(longer), message.toString());
    }
  }

  /**
   * A flipped bit may yield another message, for only the frame has a checksum; but never another
   * failure.
   */
  @Test
  void aFlippedBitIsAnotherMessageOrMalformed() {
    RandomMessages random = new RandomMessages(new Random(SEED));
    for (int i = 0; i < 50; i++) {
      for (Message message : random.oneOfEach()) {
        byte[] encoded = encoded(message);
        for (int bit = 0; bit < encoded.length * 8; bit++) {
          encoded[bit / 8] ^= (byte) (1 << bit % 8);
          try {
            decoded(encoded);
          } catch (Malformed expected) {
            assertTrue(!expected.getMessage().isEmpty());
          }
          encoded[bit / 8] ^= (byte) (1 << bit % 8);
        }
      }
    }
  }

  @Test
  void randomBytesAreAMessageOrMalformed() {
    Random random = new Random(SEED);
    for (int i = 0; i < 200_000; i++) {
      byte[] garbage = new byte[random.nextInt(40)];
      random.nextBytes(garbage);
      if (garbage.length > 1) {
        garbage[0] = MessageCodec.VERSION;
        garbage[1] = (byte) random.nextInt(18);
      }
      try {
        decoded(garbage);
      } catch (Malformed expected) {
        assertTrue(!expected.getMessage().isEmpty());
      }
    }
  }

  @Test
  void anUnknownVersionTypeOrEntryKindIsMalformed() {
    assertMalformed("00 08 01 00 00", "format 0");
    assertMalformed("02 08 01 00 00", "format 2");
    assertMalformed("01 00 01 00 00", "type 0");
    assertMalformed("01 0b 01 00 00", "type 11");
    assertMalformed("01 11 01 00 00", "type 17");
    assertMalformed("01 05 01 00 00 00 00 01 01 01 00 03 00", "kind 3");
    assertMalformed("01 05 01 00 00 00 00 01 01 01 00 00 01 07", "no payload");
    assertMalformed("01 05 01 00 00 00 00 01 00 01 00 01 00", "index and a term");
    assertMalformed("01 02 01 02", "boolean");
    assertMalformed("01 0f 01 07 01 00 00 00 00 00 00 00 09 03", "verdict 3");
  }

  @Test
  void aCountBeyondTheBytesIsFoundBeforeAnythingIsAllocated() {
    assertMalformed("01 05 01 00 00 00 00 ff ff ff ff 07", "count");
    assertMalformed("01 05 01 00 00 00 00 ff ff ff ff ff ff ff ff 7f", "count");
    assertMalformed("01 05 01 00 00 00 00 03 01 01 00 01 00", "3 entries");
    assertMalformed("01 05 01 00 00 00 00 01 01 01 00 01 ff ff ff ff 0f", "count");
  }

  @Test
  void entriesWithAHoleOrATermOutOfOrderAreMalformed() {
    Entry one = entry(1, 2);
    assertMalformed(append(2, EntryId.NONE, entry(2, 2)), "after");
    assertMalformed(append(2, EntryId.NONE, one, entry(3, 2)), "after");
    assertMalformed(append(2, EntryId.NONE, one, entry(2, 1)), "after");
    assertMalformed(append(1, EntryId.NONE, one), "leader of term 1");
    assertMalformed(append(9, new EntryId(3, Long.MAX_VALUE), one), "after");
    Message.Append good = append(2, EntryId.NONE, one, entry(2, 2));
    assertEquals(good, decoded(encoded(good)));
  }

  /** The bytes themselves: whoever changes them changes the format, and must raise the version. */
  @Test
  void theFormatIsTheDocumentedOne() {
    Entry entry = new Entry(300, 2, 1, EntryKind.COMMAND, Bytes.utf8("hi"));
    Message message = new Message.Append(3, new EntryId(2, 299), List.of(entry), 5, 6);
    assertEquals(
        "01 05 03 02 ab 02 05 06 01 ac 02 02 01 01 02 68 69",
        HexFormat.ofDelimiter(" ").formatHex(encoded(message)));
    List<String> all = new ArrayList<>();
    EntryId id = new EntryId(7, 8);
    for (Message m :
        List.of(
            new Message.PreVote(1, id),
            new Message.PreVoteReply(1, true),
            new Message.Vote(1, id, true),
            new Message.VoteReply(1, false),
            new Message.Appended(1, 2, 3),
            new Message.AppendRejected(1, id, EntryId.NONE, 3),
            new Message.Heartbeat(1, 2, 3),
            new Message.HeartbeatReply(1, 2),
            new Message.ReadIndex(1, 2, 3),
            new Message.ReadIndexReply(1, 2, 3, 4, 5, 6),
            new Message.ReadIndexRefused(1, 2, 3),
            new Message.TimeoutNow(1),
            new Message.StateReport(1, new Checkpoint(7, 1, 9)),
            new Message.StateVerdict(1, new Checkpoint(7, 1, 9), Verdict.DIVERGED))) {
      all.add(HexFormat.of().formatHex(encoded(m)));
    }
    assertEquals(
        List.of(
            "0101010708",
            "01020101",
            "010301070801",
            "01040100",
            "0106010203",
            "0107010708000003",
            "0108010203",
            "01090102",
            "010a010203",
            "0110010203040506",
            "010c010203",
            "010d01",
            "010e0107010000000000000009",
            "010f010701000000000000000902"),
        all);
  }

  private static Entry entry(long index, long term) {
    return new Entry(index, term, 0, EntryKind.EMPTY, Bytes.EMPTY);
  }

  private static Message.Append append(long term, EntryId previous, Entry... entries) {
    return new Message.Append(term, previous, List.of(entries), 0, 0);
  }

  private static void assertMalformed(Message message, String word) {
    Malformed thrown = assertThrows(Malformed.class, () -> decoded(encoded(message)));
    assertTrue(thrown.getMessage().contains(word), thrown.getMessage());
  }

  private static void assertMalformed(String hex, String word) {
    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
    Malformed thrown = assertThrows(Malformed.class, () -> decoded(bytes), hex);
    assertTrue(thrown.getMessage().contains(word), thrown.getMessage());
  }

  private static byte[] encoded(Message message) {
    ByteWriter target = new ByteWriter(16);
    MessageCodec.encode(message, target);
    return target.toArray();
  }

  private static Message decoded(byte[] bytes) {
    return MessageCodec.decode(new ByteReader(bytes, 0, bytes.length));
  }
}
