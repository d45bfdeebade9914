package io.lockstep.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.ops.config.NodeConfig.Timing;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.peer.PeerFigures.Link;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RoundTripWarningTest {
  private final TreeMap<NodeId, Link> links = new TreeMap<>();

  private void link(String peer, long nanos) {
    links.put(new NodeId(peer), new Link(nanos >= 0, 0, nanos, null));
  }

  private List<String> warned(Timing timing, RaftOptions options) {
    SortedSet<NodeId> peers = new RoundTripWarning(timing, options).look(links);
    return new TreeSet<>(peers).stream().map(NodeId::toString).toList();
  }

  @Test
  void tenRoundTripsFitAnElectionTimeout() {
    assertEquals(50, RaftOptions.LAN.roundTripMillisMax());
    assertEquals(300, RaftOptions.WAN.roundTripMillisMax());
  }

  @Test
  void onlyTheWayThatIsTooLongIsNamed() {
    link("n2", 50_000_000);
    link("n3", 50_000_001);
    assertEquals(List.of("n3"), warned(Timing.LAN, RaftOptions.LAN));
    assertEquals(List.of(), warned(Timing.WAN, RaftOptions.WAN));
  }

  @Test
  void whatIsNotKnownIsNotWarnedOf() {
    link("n2", -1);
    assertEquals(List.of(), warned(Timing.LAN, RaftOptions.LAN));
  }
}
