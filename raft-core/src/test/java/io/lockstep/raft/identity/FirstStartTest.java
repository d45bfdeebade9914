package io.lockstep.raft.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.FirstStart.Adopt;
import io.lockstep.raft.identity.FirstStart.Form;
import io.lockstep.raft.identity.FirstStart.Refuse;
import io.lockstep.raft.identity.FirstStart.Wait;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FirstStartTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final NodeId N3 = new NodeId("n3");
  private static final NodeId N4 = new NodeId("n4");
  private static final SortedSet<NodeId> THREE = nodes(N1, N2, N3);
  private static final SortedMap<NodeId, StorageId> ALL = storages(N1, 1, N2, 2, N3, 3);
  private static final ClusterId CLUSTER = ClusterId.formedBy(ALL.values());
  private static final Identity OWN = Identity.empty(N1, storage(1));

  @Test
  void aNodeAloneFormsAtOnce() {
    Form form = assertInstanceOf(Form.class, FirstStart.decide(OWN, nodes(N1), heard()));
    assertEquals(storages(N1, 1), form.members());
    assertEquals(ClusterId.formedBy(List.of(storage(1))), form.cluster());
  }

  @Test
  void anEmptyNodeWaitsUntilEveryPeerIsHeard() {
    assertEquals(new Wait(List.of(N2, N3), List.of()), FirstStart.decide(OWN, THREE, heard()));
    assertEquals(
        new Wait(List.of(N3), List.of(N2)),
        FirstStart.decide(OWN, THREE, heard(empty(N2, storages(N2, 2)))));
  }

  @Test
  void itWaitsUntilEveryPeerKnowsTheSameDirectories() {
    assertEquals(
        new Wait(List.of(), List.of(N3)),
        FirstStart.decide(OWN, THREE, heard(empty(N2, ALL), empty(N3, storages(N2, 2, N3, 3)))));
    assertEquals(
        new Wait(List.of(), List.of(N3)),
        FirstStart.decide(
            OWN, THREE, heard(empty(N2, ALL), empty(N3, storages(N1, 9, N2, 2, N3, 3)))));
  }

  @Test
  void thenTheyForm() {
    assertEquals(
        new Form(CLUSTER, ALL),
        FirstStart.decide(OWN, THREE, heard(empty(N2, ALL), empty(N3, ALL))));
  }

  @Test
  void aClusterThatListsThisDirectoryIsAdoptedWithoutHearingTheRest() {
    assertEquals(
        new Adopt(CLUSTER, ALL), FirstStart.decide(OWN, THREE, heard(member(N3, CLUSTER, ALL))));
    assertEquals(
        new Adopt(CLUSTER, ALL),
        FirstStart.decide(OWN, THREE, heard(empty(N2, storages(N2, 2)), member(N3, CLUSTER, ALL))));
  }

  @Test
  void aMemberStartsWithoutHearingAnyone() {
    Identity member = OWN.join(CLUSTER, ALL);
    assertEquals(new Adopt(CLUSTER, ALL), FirstStart.decide(member, THREE, heard()));
  }

  @Test
  void anEmptiedDirectoryIsRefusedAndToldHowToReplaceTheMember() {
    SortedMap<NodeId, StorageId> listed = storages(N1, 9, N2, 2, N3, 3);
    ClusterId cluster = ClusterId.formedBy(listed.values());
    // Even when the other peer is empty as well, and would form anew.
    String reason = refused(empty(N2, ALL), member(N3, cluster, listed));
    assertContains(reason, "data directory of n1 is not the one that its cluster knows");
    assertContains(reason, storage(9).text());
    assertContains(reason, storage(1).text());
    assertContains(reason, "remove n1 from the cluster and add it again");
  }

  @Test
  void nodesThatDisagreeOnTheSetOfIdsAreRefusedWithBothLists() {
    Introduction other = new Introduction(N2, storage(2), null, nodes(N1, N2, N4), storages(N2, 2));
    String reason = refused(other);
    assertContains(reason, "[n1, n2, n3]");
    assertContains(reason, "[n1, n2, n4]");

    SortedMap<NodeId, StorageId> foreign = storages(N2, 2, N3, 3);
    String notListed = refused(member(N2, ClusterId.formedBy(foreign.values()), foreign));
    assertContains(notListed, "n2 belongs to a cluster of [n2, n3]");
  }

  @Test
  void aMemberWhoseClusterListDiffersFromItsMembersIsRefused() {
    Identity member = OWN.join(CLUSTER, ALL);
    Refuse refuse =
        assertInstanceOf(Refuse.class, FirstStart.decide(member, nodes(N1, N2, N4), heard()));
    assertContains(refuse.reason(), "[n1, n2, n4]");
    assertContains(refuse.reason(), "[n1, n2, n3]");
    assertInstanceOf(Refuse.class, FirstStart.decide(OWN, nodes(N2, N3), heard()));
  }

  @Test
  void aCopiedDirectoryIsRefused() {
    assertContains(refused(empty(N2, storages(N2, 1))), "n1 and n2 have the same storage id");
    assertContains(
        refused(empty(N2, storages(N2, 2)), empty(N3, storages(N3, 2))),
        "n2 and n3 have the same storage id");
  }

  @Test
  void peersOfTwoClustersAreRefused() {
    SortedMap<NodeId, StorageId> other = storages(N1, 1, N2, 8, N3, 3);
    String reason =
        refused(member(N2, CLUSTER, ALL), member(N3, ClusterId.formedBy(other.values()), other));
    assertContains(reason, "cannot both be this node's cluster");
  }

  @Test
  void anIntroductionIsConsistent() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Introduction(N4, storage(1), null, THREE, storages(N1, 1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Introduction(N1, storage(2), null, THREE, storages(N1, 1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Introduction(N1, storage(1), null, THREE, storages(N1, 1, N4, 4)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Introduction(N1, storage(1), CLUSTER, THREE, storages(N1, 1, N2, 2)));
    assertEquals(
        storages(N1, 1, N2, 2),
        FirstStart.introduction(OWN, THREE, heard(empty(N2, storages(N2, 2)))).storages());
    assertEquals(CLUSTER, Introduction.of(OWN.join(CLUSTER, ALL)).cluster());
  }

  private static String refused(Introduction... heard) {
    return assertInstanceOf(Refuse.class, FirstStart.decide(OWN, THREE, heard(heard))).reason();
  }

  private static void assertContains(String text, String part) {
    assertTrue(text.contains(part), text);
  }

  private static Introduction empty(NodeId node, SortedMap<NodeId, StorageId> knows) {
    return new Introduction(node, knows.get(node), null, THREE, knows);
  }

  private static Introduction member(
      NodeId node, ClusterId cluster, SortedMap<NodeId, StorageId> members) {
    return new Introduction(
        node, members.get(node), cluster, new TreeSet<>(members.keySet()), members);
  }

  private static SortedMap<NodeId, Introduction> heard(Introduction... introductions) {
    TreeMap<NodeId, Introduction> heard = new TreeMap<>();
    for (Introduction introduction : introductions) {
      heard.put(introduction.node(), introduction);
    }
    return heard;
  }

  private static SortedSet<NodeId> nodes(NodeId... nodes) {
    return new TreeSet<>(List.of(nodes));
  }

  private static SortedMap<NodeId, StorageId> storages(Object... nodesAndNumbers) {
    TreeMap<NodeId, StorageId> storages = new TreeMap<>();
    for (int i = 0; i < nodesAndNumbers.length; i += 2) {
      storages.put((NodeId) nodesAndNumbers[i], storage((Integer) nodesAndNumbers[i + 1]));
    }
    return storages;
  }

  private static StorageId storage(int number) {
    return new StorageId(String.format("%032x", number));
  }
}
