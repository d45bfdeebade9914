package io.lockstep.http.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.ChangeRefusal;
import io.lockstep.raft.Contact;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChangeCodecTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final Contact CONTACT = new Contact(new NodeId("n4"), "s4", "h:1", "http://h:2");

  private static List<ServiceMessage> all() {
    List<ServiceMessage> all = new ArrayList<>();
    for (MembershipChange change :
        List.of(
            new MembershipChange.AddLearner(CONTACT, true, null),
            new MembershipChange.AddLearner(CONTACT, false, N1),
            new MembershipChange.Promote(N1),
            new MembershipChange.Remove(N1),
            new MembershipChange.LeaseReads(true),
            new MembershipChange.LeaseReads(false))) {
      all.add(new ServiceMessage.AskChange(3, 4, change));
    }
    for (ChangeOutcome outcome :
        List.of(
            new ChangeOutcome.Done(9, new Membership(List.of(N1))),
            new ChangeOutcome.NotLeader(null),
            new ChangeOutcome.NotLeader(N1),
            new ChangeOutcome.Overloaded(),
            new ChangeOutcome.Unknown())) {
      all.add(new ServiceMessage.ChangeAnswered(3, 4, outcome));
    }
    for (ChangeRefusal refusal :
        List.of(
            new ChangeRefusal.InFlight(7),
            new ChangeRefusal.LeaderTooNew(),
            new ChangeRefusal.QuorumLost(5, 2, 3, true),
            new ChangeRefusal.QuorumLost(5, 2, 3, false),
            new ChangeRefusal.LastVoter(N1),
            new ChangeRefusal.UnknownMember(N1),
            new ChangeRefusal.AlreadyMember(N1),
            new ChangeRefusal.NotCaughtUp(N1, 8, 9),
            new ChangeRefusal.TooManyVoters(7),
            new ChangeRefusal.TooManyLearners(16))) {
      all.add(new ServiceMessage.ChangeAnswered(3, 4, new ChangeOutcome.Refused(refusal)));
    }
    all.add(new ServiceMessage.AskTransfer(3, 4, N1));
    all.add(new ServiceMessage.AskTransfer(3, 4, null));
    return all;
  }

  @Test
  void allComesBackAsItWasWritten() {
    for (ServiceMessage message : all()) {
      assertEquals(message, ServiceCodec.decode(ServiceCodec.encode(message)));
    }
  }

  @Test
  void hostileBytesAreMalformedOrAnotherMessage() {
    Random random = new Random(11);
    List<ServiceMessage> all = all();
    for (int run = 0; run < 20_000; run++) {
      byte[] bytes = ServiceCodec.encode(all.get(random.nextInt(all.size()))).toArray();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      int end = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
      try {
        ServiceMessage read = ServiceCodec.decode(Bytes.copyOf(bytes, 0, end));
        assertEquals(read, ServiceCodec.decode(ServiceCodec.encode(read)));
      } catch (Malformed expected) {
        assertTrue(expected.getMessage() != null);
      }
    }
  }
}
