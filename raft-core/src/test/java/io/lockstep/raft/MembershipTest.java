package io.lockstep.raft;

import static io.lockstep.raft.Subject.A;
import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.D;
import static io.lockstep.raft.Subject.contact;
import static io.lockstep.raft.Subject.membership;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private static final Membership ABC = new Membership(List.of(C, A, B));
  private static final Membership FULL =
      new Membership(
          List.of(A, B),
          List.of(A, C),
          List.of(new Learner(D, false, B), new Learner(new NodeId("o"), true, null)),
          List.of(contact(D), contact(A)),
          700);

  @Test
  void itComesBackAsItWasWritten() {
    for (Membership each : List.of(ABC, FULL, FULL.settled())) {
      assertEquals(each, MembershipCodec.decode(MembershipCodec.encode(each)));
    }
  }

  /** Whatever is flipped or cut off: either refused, or another membership, written in one way. */
  @Test
  void whatNobodyWritesIsMalformed() {
    byte[] written = MembershipCodec.encode(FULL).toArray();
    Random random = new Random(5);
    for (int run = 0; run < 5_000; run++) {
      byte[] hostile = written.clone();
      hostile[random.nextInt(hostile.length)] ^= (byte) (1 << random.nextInt(8));
      int end = random.nextBoolean() ? hostile.length : random.nextInt(hostile.length);
      Bytes bytes = Bytes.copyOf(hostile, 0, end);
      try {
        assertEquals(bytes, MembershipCodec.encode(MembershipCodec.decode(bytes)));
      } catch (Malformed expected) {
        assertTrue(expected.getMessage() != null && !expected.getMessage().isEmpty());
      }
    }
  }

  @Test
  void aNewerFormatIsRefusedByItsNumber() {
    byte[] newer = MembershipCodec.encode(ABC).toArray();
    newer[0] = 5;
    Malformed refused =
        assertThrows(Malformed.class, () -> MembershipCodec.decode(Bytes.wrap(newer)));
    assertEquals("membership format 5, this build reads up to 4", refused.getMessage());
  }

  /** Nodes of an earlier version have applied such entries without telling anybody. */
  @Test
  void theFormatBeforeChangesWereToldIsReadAndNotTold() {
    byte[] older = MembershipCodec.encode(FULL).toArray();
    assertTrue(MembershipCodec.isTold(Bytes.wrap(older)));
    older[0] = 2;
    assertEquals(FULL, MembershipCodec.decode(Bytes.wrap(older)));
    assertFalse(MembershipCodec.isTold(Bytes.wrap(older)));
    older[0] = 3;
    assertThrows(Malformed.class, () -> MembershipCodec.decode(Bytes.wrap(older)));
  }

  /** Format 1 ends where the lease is in format 2. */
  @Test
  void theFormatBeforeLeasesIsRead() {
    byte[] older = MembershipCodec.encode(FULL.withLease(0)).toArray();
    older[0] = 1;
    Bytes bytes = Bytes.copyOf(older, 0, older.length - 1);
    assertEquals(FULL.withLease(0), MembershipCodec.decode(bytes));
    assertThrows(Malformed.class, () -> MembershipCodec.decode(Bytes.wrap(older)));
  }

  @Test
  void noLeaseIsLongerThanTheBound() {
    long most = Membership.LEASE_MILLIS_MAX;
    assertEquals(most, ABC.withLease(most).leaseMillis());
    assertThrows(Invariant.Broken.class, () -> ABC.withLease(most + 1));
    assertThrows(Invariant.Broken.class, () -> ABC.withLease(-1));
  }

  /** A change of the members keeps the setting, and one of the setting keeps the members. */
  @Test
  void membersAndLeaseChangeByThemselves() {
    Membership on = ABC.withLease(500);
    assertEquals(500, on.withLearner(new Learner(D, true, null), contact(D)).leaseMillis());
    assertEquals(500, on.joining(List.of(A, B)).leaseMillis());
    assertEquals(500, on.joining(List.of(A, B)).settled().leaseMillis());
    assertEquals(500, on.withContacts(List.of(contact(A))).leaseMillis());
    assertEquals(ABC, on.withLease(0));
  }

  /** What is switched off, or made shorter, may come back until that is committed. */
  @Test
  void theLongestLeaseThatMayBeInForceCounts() {
    Memberships log = new Memberships(0, ABC.withLease(900), List.of());
    log.append(List.of(membership(3, 1, ABC.withLease(500)), membership(5, 1, ABC)));
    assertEquals(900, log.leaseMillis(2));
    assertEquals(500, log.leaseMillis(4));
    assertEquals(0, log.leaseMillis(5));
    log.truncateFrom(5);
    assertEquals(500, log.leaseMillis(4));
  }

  @Test
  void aCountBeyondTheBoundAllocatesNothing() {
    ByteWriter many = new ByteWriter(64).u8(1).varint(8);
    for (int i = 0; i < 8; i++) {
      many.text("n" + i);
    }
    assertThrows(Malformed.class, () -> MembershipCodec.decode(many.toBytes()));
  }

  @Test
  void onlyMembersContactsAreKept() {
    assertEquals(List.of(contact(A)), ABC.withContacts(List.of(contact(A), contact(D))).contacts());
    assertEquals(
        List.of(),
        ABC.withLearner(new Learner(D, true, null), contact(D)).withoutLearner(D).contacts());
    Membership joint = ABC.withContacts(List.of(contact(C))).joining(List.of(A, B));
    assertEquals(List.of(contact(C)), joint.contacts(), "it must be reached to the end");
    assertEquals(List.of(), joint.settled().contacts());
  }

  @Test
  void aLearnerReplacesAVoterThatIsThere() {
    Membership waiting =
        ABC.withLearner(new Learner(D, false, C), contact(D)).joining(List.of(A, B)).settled();
    assertEquals(List.of(new Learner(D, false, null)), waiting.learners());
  }

  @Test
  void theLogSaysWhatIsInForceWhere() {
    Membership second = ABC.joining(List.of(A, B));
    Membership third = second.settled();
    Memberships log = new Memberships(0, ABC, List.of(membership(3, 1, second)));
    log.append(List.of(Subject.entry(4, 1), membership(5, 1, third)));
    assertEquals(
        List.of(ABC, ABC, second, second, third),
        List.of(log.at(0), log.at(2), log.at(3), log.at(4), log.at(5)));
    assertEquals(third, log.inForce(0));
    assertTrue(log.mayLead(C, 4));
    assertFalse(log.mayLead(C, 5));
    assertEquals(List.of(B, C), log.others(A, 4));
    assertEquals(List.of(B), log.others(A, 5));
    log.truncateFrom(5);
    assertEquals(second, log.inForce(0));
    log.truncateFrom(2);
    assertEquals(ABC, log.inForce(0));
    assertEquals(0, log.lastIndex());
  }

  @Test
  void aCompactedLogKeepsWhatIsInForce() {
    Membership second = ABC.joining(List.of(A, B));
    Memberships log =
        new Memberships(
            0, ABC, List.of(membership(3, 1, second), membership(5, 1, second.settled())));
    log.compactTo(4);
    assertEquals(second, log.at(4));
    assertEquals(second.settled(), log.at(5));
    log.compactTo(9);
    assertEquals(second.settled(), log.at(9));
    assertThrows(Invariant.Broken.class, () -> log.truncateFrom(9));
    log.restore(20, ABC);
    assertEquals(ABC, log.inForce(20));
    assertEquals(20, log.lastIndex());
  }

  @Test
  void whatASnapshotHoldsIsNotCountedAgain() {
    Membership second = ABC.joining(List.of(A, B));
    Memberships log = new Memberships(4, second, List.of(membership(3, 1, ABC)));
    assertEquals(second, log.inForce(4));
    assertEquals(4, log.lastIndex());
  }
}
