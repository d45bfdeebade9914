package io.lockstep.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.peer.PeerFigures;
import io.lockstep.raft.peer.PeerFigures.Denial;
import io.lockstep.raft.peer.PeerFigures.Link;
import io.lockstep.raft.peer.Refusal;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PeersWordTest {
  private static final Link SILENT = new Link(false, 0, -1, null);
  private static final Link LINKED = new Link(true, 0, -1, null);
  private static final Link DENIES = denies(PeersWord.TIMES_FOR_SURE);

  private static Link denies(long times) {
    return new Link(false, 0, -1, new Denial(Refusal.FOREIGN_CLUSTER, times));
  }

  private static PeerFigures figures(long incoming, Link... peers) {
    SortedMap<NodeId, Link> links = new TreeMap<>();
    for (Link peer : peers) {
      links.put(new NodeId("n" + (links.size() + 2)), peer);
    }
    return new PeerFigures(
        links,
        incoming,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        new PeerFigures.Snapshots(0, 0, 0, 0, 0),
        Collections.emptySortedMap(),
        new TreeMap<>(Collections.singletonMap(Refusal.FOREIGN_CLUSTER, 1_000L)));
  }

  private static void assertWaits(PeerFigures figures) {
    assertTrue(PeersWord.against(figures).isEmpty(), figures::toString);
  }

  private static void assertGivesUp(PeerFigures figures) {
    assertEquals(
        figures.links().values().stream().filter(DENIES::equals).count(),
        PeersWord.against(figures).size(),
        figures::toString);
  }

  @Test
  void aLoneNodeAsksNobody() {
    assertWaits(figures(0));
  }

  @Test
  void onePeerIsBelievedOnlyWhereNothingGoesWithoutIt() {
    assertGivesUp(figures(0, DENIES));
    assertWaits(figures(0, DENIES, SILENT));
    assertWaits(figures(0, DENIES, SILENT, SILENT));
    assertWaits(figures(0, DENIES, SILENT, SILENT, SILENT));
  }

  @Test
  void theRestMustStillBeAbleToBeAMajority() {
    assertGivesUp(figures(0, DENIES, DENIES));
    assertGivesUp(figures(0, DENIES, SILENT, DENIES));
    assertWaits(figures(0, DENIES, DENIES, SILENT, SILENT));
    assertGivesUp(figures(0, DENIES, DENIES, SILENT, DENIES));
  }

  @Test
  void whoIsLinkedIsTakenForAMember() {
    assertWaits(figures(0, DENIES, DENIES, LINKED));
    assertWaits(figures(1, DENIES, DENIES));
  }

  @Test
  void aPeerMustBeSure() {
    assertWaits(figures(0, DENIES, denies(PeersWord.TIMES_FOR_SURE - 1)));
  }

  @Test
  void theOperatorIsToldWhoSaysWhat() {
    assertEquals(
        "n2: foreign-cluster, n3: foreign-cluster",
        PeersWord.text(PeersWord.against(figures(0, DENIES, DENIES))));
  }
}
