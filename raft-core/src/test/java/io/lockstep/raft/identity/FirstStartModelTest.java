package io.lockstep.raft.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.FirstStart.Adopt;
import io.lockstep.raft.identity.FirstStart.Form;
import io.lockstep.raft.identity.FirstStart.Refuse;
import io.lockstep.raft.identity.FirstStart.Wait;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * First starts of whole clusters, with nodes that come in any order, fall between any two steps,
 * and lose their disks.
 */
class FirstStartModelTest {
  @Test
  void threeNodesFormOneClusterInWhateverOrderTheyStart() {
    for (List<Integer> order : permutations(List.of(0, 1, 2))) {
      Cluster cluster = new Cluster(3, new Random(1));
      for (int node : order) {
        assertEquals(Set.of(), cluster.formed(), "formed before all were there");
        cluster.nodes.get(node).start();
        cluster.settle();
      }
      cluster.assertAllFormedTheSame("order " + order);
    }
  }

  @Test
  void aNodeThatFallsBetweenDecisionAndDurabilityAdoptsWhatTheOthersFormed() {
    for (int faller = 0; faller < 3; faller++) {
      Cluster cluster = new Cluster(3, new Random(1));
      cluster.nodes.forEach(Node::start);
      cluster.nodes.get(faller).forgetful = true;
      cluster.settle();
      Node fallen = cluster.nodes.get(faller);
      assertFalse(fallen.identity.formed(), "it fell before it was durable");
      fallen.crash();
      fallen.forgetful = false;
      cluster.settle();
      fallen.start();
      cluster.settle();
      cluster.assertAllFormedTheSame("fallen " + faller);
    }
  }

  @Test
  void aFormedNodeThatDisappearsIsWaitedForAndNeverReplaced() {
    Cluster cluster = new Cluster(3, new Random(1));
    cluster.nodes.forEach(Node::start);
    cluster.nodes.get(1).forgetful = true;
    cluster.nodes.get(2).forgetful = true;
    cluster.settle();
    Node formed = cluster.nodes.get(0);
    assertTrue(formed.identity.formed());
    formed.crash();
    for (Node node : cluster.nodes.subList(1, 3)) {
      node.crash();
      node.forgetful = false;
      node.start();
    }
    cluster.settle();
    assertFalse(cluster.nodes.get(1).identity.formed(), "two of three never form");
    formed.start();
    cluster.settle();
    cluster.assertAllFormedTheSame("first one back");
  }

  @Test
  void anEmptiedMemberRefusesAndTheOthersAreUnchanged() {
    Cluster cluster = new Cluster(3, new Random(1));
    cluster.nodes.forEach(Node::start);
    cluster.settle();
    Node emptied = cluster.nodes.get(1);
    emptied.crash();
    emptied.wipe();
    emptied.start();
    cluster.settle();
    assertTrue(emptied.refused != null && emptied.refused.contains("remove n2"), emptied.refused);
    assertFalse(emptied.identity.formed());
    assertEquals(cluster.nodes.get(0).identity.cluster(), cluster.nodes.get(2).identity.cluster());
  }

  /**
   * However starts, crashes and lost disks mix: no two directories ever belong to different
   * clusters.
   */
  @Test
  void thereIsNeverASecondCluster() {
    int formed = 0;
    int refused = 0;
    for (long seed = 0; seed < 10_000; seed++) {
      Random random = new Random(seed);
      Cluster cluster = new Cluster(2 + random.nextInt(3), random);
      for (int i = 0; i < 150; i++) {
        cluster.randomStep(random, true);
        Set<ClusterId> clusters = cluster.formed();
        assertTrue(clusters.size() <= 1, "seed " + seed + " step " + i + ": " + clusters);
      }
      formed += cluster.formed().size();
      refused += cluster.nodes.stream().anyMatch(n -> n.refused != null) ? 1 : 0;
    }
    assertTrue(
        formed > 3_000 && refused > 1_000, "the walk gets somewhere: " + formed + ", " + refused);
  }

  @Test
  void withoutLostDisksEveryWalkEndsInACluster() {
    for (long seed = 0; seed < 1_000; seed++) {
      Random random = new Random(seed);
      Cluster cluster = new Cluster(1 + random.nextInt(5), random);
      for (int i = 0; i < 100; i++) {
        cluster.randomStep(random, false);
      }
      cluster.nodes.forEach(Node::start);
      cluster.settle();
      cluster.assertAllFormedTheSame("seed " + seed);
    }
  }

  private static List<List<Integer>> permutations(List<Integer> of) {
    if (of.isEmpty()) {
      return List.of(List.of());
    }
    List<List<Integer>> all = new ArrayList<>();
    for (Integer first : of) {
      List<Integer> rest = new ArrayList<>(of);
      rest.remove(first);
      for (List<Integer> tail : permutations(rest)) {
        List<Integer> one = new ArrayList<>(List.of(first));
        one.addAll(tail);
        all.add(one);
      }
    }
    return all;
  }

  private static final class Cluster {
    final List<Node> nodes = new ArrayList<>();

    Cluster(int size, Random random) {
      SortedSet<NodeId> ids = new TreeSet<>();
      for (int i = 1; i <= size; i++) {
        ids.add(new NodeId("n" + i));
      }
      for (NodeId id : ids) {
        nodes.add(new Node(id, ids, random));
      }
    }

    void randomStep(Random random, boolean disksGetLost) {
      Node node = nodes.get(random.nextInt(nodes.size()));
      int dice = random.nextInt(100);
      if (dice < 10) {
        node.start();
      } else if (dice < 13) {
        node.crash();
      } else if (dice < 15 && disksGetLost) {
        node.crash();
        node.wipe();
      } else if (dice < 40) {
        node.persist();
      } else {
        node.ask(nodes.get(random.nextInt(nodes.size())));
      }
    }

    /** Everyone asks everyone until nothing is left to say. */
    void settle() {
      for (int round = 0; round < 4; round++) {
        for (Node node : nodes) {
          nodes.forEach(node::ask);
          node.persist();
        }
      }
    }

    Set<ClusterId> formed() {
      Set<ClusterId> clusters = new TreeSet<>();
      for (Node node : nodes) {
        if (node.identity.cluster() != null) {
          clusters.add(node.identity.cluster());
        }
      }
      return clusters;
    }

    void assertAllFormedTheSame(String message) {
      for (Node node : nodes) {
        assertTrue(node.identity.formed(), message + ": " + node.identity + ", " + node.refused);
      }
      assertEquals(1, formed().size(), message);
    }
  }

  private static final class Node {
    final SortedSet<NodeId> ids;
    final Random random;
    Identity identity;
    boolean up;
    boolean forgetful;
    @Nullable String refused;
    @Nullable Identity decided;
    SortedMap<NodeId, Introduction> heard = new TreeMap<>();

    Node(NodeId id, SortedSet<NodeId> ids, Random random) {
      this.ids = ids;
      this.random = random;
      this.identity = Identity.empty(id, StorageId.draw(random));
    }

    void start() {
      if (!up) {
        up = true;
        heard = new TreeMap<>();
        decide();
      }
    }

    void crash() {
      up = false;
      decided = null;
    }

    void wipe() {
      identity = Identity.empty(identity.node(), StorageId.draw(random));
      refused = null;
    }

    void ask(Node peer) {
      if (up && peer.up && peer != this && !identity.formed() && decided == null) {
        heard.put(peer.identity.node(), peer.introduction());
        decide();
      }
    }

    Introduction introduction() {
      return identity.formed()
          ? Introduction.of(identity)
          : FirstStart.introduction(identity, ids, heard);
    }

    private void decide() {
      switch (FirstStart.decide(identity, ids, heard)) {
        case Wait w -> assertTrue(w.unheard().size() + w.undecided().size() > 0);
        case Form form -> decided = identity.join(form.cluster(), form.members());
        case Adopt adopt -> {
          if (!identity.formed()) {
            decided = identity.join(adopt.cluster(), adopt.members());
          }
        }
        case Refuse refuse -> {
          refused = refuse.reason();
          crash();
        }
      }
    }

    void persist() {
      if (decided != null && !forgetful) {
        identity = decided;
        decided = null;
      }
    }
  }
}
