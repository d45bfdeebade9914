package io.lockstep.kv.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.kv.command.Command.Put;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.random.CommandGenerator;
import io.lockstep.kv.random.Profile;
import io.lockstep.kv.txn.Compare;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Requests as bytes: every one comes back, and no other bytes are accepted for it. */
class RequestCodecTest {
  private static final int REQUESTS = 5_000;

  @Test
  void everyRequestComesBack() {
    CommandGenerator generator = new CommandGenerator(3, Profile.EVERYTHING);
    for (int i = 0; i < REQUESTS; i++) {
      Request request = generator.next();
      assertEquals(request, RequestCodec.decode(RequestCodec.encode(request)));
    }
  }

  @Test
  void whatIsCutShortIsMalformed() {
    CommandGenerator generator = new CommandGenerator(4, Profile.EVERYTHING);
    for (int i = 0; i < 300; i++) {
      byte[] whole = RequestCodec.encode(generator.next()).toArray();
      for (int length = 0; length < whole.length; length++) {
        Bytes cut = Bytes.wrap(Arrays.copyOf(whole, length));
        assertThrows(Malformed.class, () -> RequestCodec.decode(cut));
      }
      Bytes longer = Bytes.wrap(Arrays.copyOf(whole, whole.length + 1));
      assertThrows(Malformed.class, () -> RequestCodec.decode(longer));
    }
  }

  /** Damaged bytes are refused, or are the one encoding of another request. */
  @Test
  void damagedBytesAreRefusedOrCanonical() {
    CommandGenerator generator = new CommandGenerator(5, Profile.EVERYTHING);
    SplittableRandom random = new SplittableRandom(5);
    int refused = 0;
    for (int i = 0; i < REQUESTS; i++) {
      byte[] bytes = RequestCodec.encode(generator.next()).toArray();
      bytes[random.nextInt(1, bytes.length)] ^= (byte) (1 << random.nextInt(8));
      Bytes damaged = Bytes.wrap(bytes);
      try {
        assertEquals(damaged, RequestCodec.encode(RequestCodec.decode(damaged)));
      } catch (Malformed e) {
        refused++;
      }
    }
    assertEquals(true, refused > REQUESTS / 100, "some are refused");
  }

  @Test
  void randomBytesNeverDoMore() {
    SplittableRandom random = new SplittableRandom(6);
    for (int i = 0; i < REQUESTS; i++) {
      byte[] noise = new byte[random.nextInt(1, 80)];
      random.nextBytes(noise);
      noise[0] = 1;
      Bytes bytes = Bytes.wrap(noise);
      try {
        assertEquals(bytes, RequestCodec.encode(RequestCodec.decode(bytes)));
      } catch (Malformed e) {
        assertEquals(Malformed.class, e.getClass());
      }
    }
  }

  /** So a node of an earlier version refuses, and answers, exactly what this one does. */
  @Test
  void aCommandComesInTheFirstFormatThatHasIt() {
    CommandGenerator generator = new CommandGenerator(8, Profile.EVERYTHING);
    int later = 0;
    int latest = 0;
    int several = 0;
    int delayed = 0;
    for (int i = 0; i < REQUESTS; i++) {
      byte[] bytes = RequestCodec.encode(generator.next()).toArray();
      byte format = bytes[0];
      later += format == 2 ? 1 : 0;
      latest += format == 3 ? 1 : 0;
      several += format == 6 ? 1 : 0;
      delayed += format == 7 ? 1 : 0;
      for (byte other = 1; other <= 3; other++) {
        bytes[0] = other;
        if (other != format) {
          assertThrows(Malformed.class, () -> RequestCodec.decode(Bytes.wrap(bytes)));
        }
      }
    }
    assertEquals(true, later > REQUESTS / 20, "the second format is there: " + later);
    assertEquals(true, latest > REQUESTS / 50, "the third format is there: " + latest);
    assertEquals(true, several > REQUESTS / 100, "the sixth format is there: " + several);
    assertEquals(true, delayed > REQUESTS / 100, "the seventh format is there: " + delayed);
  }

  @Test
  void transactionsHaveBounds() {
    List<Operation> many = Collections.nCopies(257, new Operation.Add(Bytes.utf8("k"), 1));
    refused(new Command.Txn(new Transaction(List.of(), many, null), List.of()));
    Compare compare = new Compare.LeaseAlive(new LeaseId(1, 1), true);
    refused(
        new Command.Txn(
            new Transaction(Collections.nCopies(257, compare), List.of(), null), List.of()));
    Transaction deep = new Transaction(List.of(), List.of(), null);
    for (int i = 0; i < 8; i++) {
      deep = new Transaction(List.of(), List.of(new Operation.Nested(deep)), null);
    }
    refused(new Command.Txn(deep, List.of()));
    Transaction wide = new Transaction(List.of(), many.subList(0, 255), List.of());
    List<Operation> five = Collections.nCopies(5, new Operation.Nested(wide));
    refused(new Command.Txn(new Transaction(List.of(), five, null), List.of()));
  }

  @Test
  void boundsAreKept() {
    refused(new Renew(Collections.nCopies(10_001, new Renewal.OfLease(new LeaseId(1, 1)))));
    List<LockGuard> guards =
        new ArrayList<>(Collections.nCopies(33, new LockGuard(Bytes.utf8("l"), 1)));
    refused(put("text/plain", guards));
    refused(put("x".repeat(257), List.of()));
    refused(new Command.LeaseGrant(1L << 41, 1));
    RequestKey longKey = new RequestKey("s", Bytes.wrap(new byte[129]), Bytes.EMPTY);
    refused(new Request("p", longKey, new Command.Compact(1)));
    RequestKey noKey = new RequestKey("s", Bytes.EMPTY, Bytes.EMPTY);
    refused(new Request("p", noKey, new Command.Compact(1)));
    refused(new Request("p".repeat(257), null, new Command.Compact(1)));
  }

  private static Put put(String contentType, List<LockGuard> guards) {
    return new Put(
        Bytes.utf8("k"),
        Bytes.EMPTY,
        contentType,
        new LeaseBinding.Detach(),
        new KeyCondition.Always(),
        guards,
        false);
  }

  private static void refused(Command command) {
    refused(new Request("p", null, command));
  }

  private static void refused(Request request) {
    Bytes encoded = RequestCodec.encode(request);
    assertThrows(Malformed.class, () -> RequestCodec.decode(encoded));
  }

  @Test
  void limitsThatContradictEachOtherAreRefused() {
    Limits d = Limits.DEFAULT;
    refused(
        new Command.SetLimits(
            new Limits(
                1,
                1,
                1,
                1,
                5_000,
                4_000,
                1,
                1,
                1,
                1,
                1,
                1,
                1,
                d.storedAnswerMillisMax(),
                1,
                1,
                1)));
  }

  @Test
  void idsComeBackFromTheirText() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 1_000; i++) {
      LeaseId lease = new LeaseId(random.nextLong(1, 1L << 53), random.nextLong());
      assertEquals(lease, LeaseId.parse(lease.toString()));
      TicketId ticket = new TicketId(lease.index(), lease.nonce());
      assertEquals(ticket, TicketId.parse(ticket.toString()));
    }
  }

  @Test
  void otherTextsAreNoIds() {
    String good = new LeaseId(77, 5).toString();
    List<String> bad =
        List.of(
            "",
            "1",
            good.substring(0, 16),
            good.toUpperCase(java.util.Locale.ROOT).replace('4', 'A'),
            good.substring(0, 16) + "0" + good.substring(16),
            good + "0123456789abcdef",
            "t-" + good,
            good.replace('4', 'g'));
    for (String text : bad) {
      assertNull(LeaseId.parse(text), text);
    }
    assertNull(TicketId.parse(good));
    assertNull(TicketId.parse("t-"));
  }
}
