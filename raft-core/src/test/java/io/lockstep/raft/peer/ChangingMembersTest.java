package io.lockstep.raft.peer;

import static io.lockstep.raft.peer.Members.N1;
import static io.lockstep.raft.peer.Members.N2;
import static io.lockstep.raft.peer.Members.N4;
import static io.lockstep.raft.peer.Members.member;
import static io.lockstep.raft.peer.Members.storage;
import static io.lockstep.raft.peer.TestNode.freePorts;
import static io.lockstep.raft.peer.TestNode.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Contact;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Learner;
import io.lockstep.raft.Membership;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.StorageId;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Links follow the membership, also at the node that lacks an entry. */
class ChangingMembersTest {
  private static final Membership FIRST = new Membership(List.of(N1, N2));
  private static final EntryId LATER = new EntryId(1, 5);
  private static Vertx vertx;
  private final SortedMap<NodeId, Integer> ports = freePorts(N1, N2, N4);

  @BeforeAll
  static void open() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void close() {
    TestNode.get(vertx.close());
  }

  /** One of n1 and n2, who know only of each other. */
  private TestNode founder(NodeId node) {
    TreeMap<NodeId, Integer> known = new TreeMap<>(ports);
    known.remove(N4);
    return TestNode.started(vertx, member(node, 1, 2), known, TestNode.FAST);
  }

  /** n4, which came later, with a directory of this number. */
  private TestNode joiner(int number) {
    Identity founder = member(N1, 1, 2);
    TreeMap<NodeId, StorageId> members = new TreeMap<>(founder.members());
    members.put(N4, storage(number));
    Identity joined = new Identity(N4, storage(number), founder.cluster(), members, 1);
    return TestNode.started(vertx, joined, ports, TestNode.FAST);
  }

  private Membership withN4(int number) {
    String peer = "127.0.0.1:" + ports.get(N4);
    Contact contact = new Contact(N4, storage(number).text(), peer, "");
    return new Membership(
        FIRST.voters(), List.of(), List.of(new Learner(N4, false, null)), List.of(contact));
  }

  @Test
  void aNewMemberIsFoundByItsContact() {
    try (TestNode one = founder(N1);
        TestNode four = joiner(4)) {
      until(() -> four.transport.figures().refusedByPeers(Refusal.UNKNOWN_NODE) > 0);
      one.transport.members(LATER, withN4(4), List.of(N2, N4));
      one.awaitConnected(N4);
      four.awaitConnected(N1);
      one.transport.send(N4, new Message.TimeoutNow(1));
      four.transport.send(N1, new Message.TimeoutNow(2));
      until(() -> !one.messages.isEmpty() && !four.messages.isEmpty());
      assertEquals(List.of(N4), one.senders);
    }
  }

  /** Thesis 4.1: a leader need not be in the membership of the server that it speaks to. */
  @Test
  void whoKnowsALaterMembershipIsHeardAndAnswered() {
    try (TestNode two = founder(N2);
        TestNode four = joiner(4)) {
      four.transport.members(LATER, withN4(4), List.of(N1, N2));
      four.awaitConnected(N2);
      two.awaitConnected(N4);
      two.transport.send(N4, new Message.TimeoutNow(1));
      until(() -> !four.messages.isEmpty());
      two.transport.members(LATER, withN4(4), List.of(N1, N4));
      assertTrue(two.transport.connected(N4));
    }
  }

  @Test
  void whoLeftIsNotHeardAnyMore() {
    try (TestNode one = founder(N1);
        TestNode four = joiner(4)) {
      one.transport.members(LATER, withN4(4), List.of(N2, N4));
      four.transport.members(LATER, withN4(4), List.of(N1, N2));
      one.awaitConnected(N4);
      four.awaitConnected(N1);
      one.transport.members(new EntryId(1, 6), FIRST, List.of(N2));
      until(() -> four.transport.figures().refusedByPeers(Refusal.UNKNOWN_NODE) > 0);
      until(() -> !four.transport.connected(N1));
      assertFalse(one.transport.connected(N4));
      assertFalse(one.transport.figures().links().containsKey(N4));
    }
  }

  @Test
  void aDirectoryThatWasReplacedIsNotHeardUnderItsOldName() {
    try (TestNode one = founder(N1);
        TestNode former = joiner(4)) {
      former.transport.members(LATER, withN4(4), List.of(N1, N2));
      one.transport.members(LATER, withN4(4), List.of(N2, N4));
      one.awaitConnected(N4);
      one.transport.members(new EntryId(2, 9), withN4(44), List.of(N2, N4));
      until(() -> former.transport.figures().refusedByPeers(Refusal.WRONG_STORAGE) > 0);
      until(() -> !one.transport.connected(N4));
    }
  }

  @Test
  void anAddressThatCannotBeUsedStopsNobody() {
    try (TestNode one = founder(N1);
        TestNode two = founder(N2)) {
      Contact nowhere = new Contact(N4, storage(4).text(), "8.8.8.8:1", "");
      Membership membership =
          new Membership(
              FIRST.voters(), List.of(), List.of(new Learner(N4, true, null)), List.of(nowhere));
      one.transport.members(LATER, membership, List.of(N2, N4));
      one.awaitConnected(N2);
      two.awaitConnected(N1);
      until(() -> one.transport.figures().links().containsKey(N4));
      assertFalse(one.transport.connected(N4));
    }
  }
}
