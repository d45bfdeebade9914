package io.lockstep.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lockstep.kv.command.Command.AnnounceAddress;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.OfMember;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.Topic;
import io.lockstep.raft.Contact;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Learner;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 1: the revision grows by what a watch shows, members after the first start too. */
class ContractMembersTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final NodeId N4 = new NodeId("n4");
  private static final List<NodeId> FOUNDERS = List.of(N1, N2, new NodeId("n3"));
  private final TestMachine cluster = new TestMachine();

  /** Applies the entry; what those who watch members are told, one text an event. */
  private List<String> become(Membership membership) {
    return told(() -> cluster.entry(EntryKind.MEMBERSHIP, MembershipCodec.encode(membership)));
  }

  private List<String> say(NodeId member, String url) {
    return told(() -> cluster.apply(new AnnounceAddress(member, url)));
  }

  private List<String> told(Runnable step) {
    long before = cluster.revision();
    step.run();
    if (cluster.revision() == before) {
      return List.of();
    }
    assertEquals(before + 1, cluster.revision(), "one revision a change");
    List<String> told = new ArrayList<>();
    Selection members = new Selection.Prefix(Topic.MEMBER, Bytes.EMPTY);
    for (Event event : cluster.events(cluster.revision())) {
      if (members.selects(event)) {
        OfMember of = (OfMember) event;
        told.add(of.change() + " " + of.member() + " " + of.role() + " " + of.address());
      }
    }
    return told;
  }

  private static Membership with(Learner learner, String client) {
    Contact contact = new Contact(learner.id(), "storage", "peer", client);
    return new Membership(FOUNDERS, List.of(), List.of(learner), List.of(contact));
  }

  @Test
  void aMemberComesIsPromotedAndAnotherLeaves() {
    assertEquals(
        List.of("ADDED n4 LEARNER http://4"), become(with(new Learner(N4, false, N2), "http://4")));
    List<NodeId> after = List.of(N1, new NodeId("n3"), N4);
    assertEquals(
        List.of("PROMOTED n4 VOTER http://4"),
        become(new Membership(after, FOUNDERS, List.of(), List.of())));
    assertEquals(List.of("REMOVED n2 VOTER "), become(new Membership(after)));
    assertEquals(List.of(), become(new Membership(after).withLease(500)), "nobody came or went");
  }

  @Test
  void theFirstChangeMayBeThatAFounderLeaves() {
    say(N2, "http://2");
    List<NodeId> after = List.of(N1, new NodeId("n3"));
    Membership joint = new Membership(after, FOUNDERS, List.of(), List.of());
    assertEquals(List.of(), become(joint), "they are still all there");
    assertEquals(List.of("REMOVED n2 VOTER http://2"), become(new Membership(after)));
    assertNull(cluster.view().members().address(N2));
    assertEquals(List.of(), say(N2, "http://2"), "it has left");
    assertNull(cluster.view().members().address(N2));
  }

  @Test
  void anObserverIsOne() {
    assertEquals(List.of("ADDED n4 OBSERVER "), become(with(new Learner(N4, true, null), "")));
  }

  @Test
  void whatAFounderSaysFirstIsPartOfTheFirstStart() {
    assertEquals(List.of(), say(N1, "http://1"));
    assertEquals(1, cluster.revision());
    assertEquals("http://1", cluster.view().members().address(N1));
    assertEquals(List.of(), say(N1, "http://1"), "nothing new");
    assertEquals(List.of("ADDRESS n1 VOTER http://other"), say(N1, "http://other"));
  }

  @Test
  void whatAMemberSaysItselfWinsOverWhatWasSaidOfIt() {
    become(with(new Learner(N4, false, null), "http://4"));
    assertEquals(List.of("ADDRESS n4 LEARNER http://four"), say(N4, "http://four"));
    become(with(new Learner(N4, true, null), "http://4"));
    assertEquals("http://four", cluster.view().members().address(N4));
  }

  /** Nodes of an earlier version have applied these entries without a revision. */
  @Test
  void entriesOfAnEarlierFormatAreNotTold() {
    byte[] older = MembershipCodec.encode(with(new Learner(N4, false, null), "")).toArray();
    older[0] = 2;
    cluster.entry(EntryKind.MEMBERSHIP, Bytes.wrap(older));
    assertEquals(1, cluster.revision());
    assertEquals(List.of(), cluster.view().members().members());
  }

  @Test
  void strangersCannotFillTheTable() {
    for (int i = 0; i < 100; i++) {
      say(new NodeId("x" + i), "http://x");
    }
    assertEquals(30, cluster.view().members().addresses().size());
  }
}
