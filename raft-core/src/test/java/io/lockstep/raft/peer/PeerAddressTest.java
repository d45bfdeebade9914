package io.lockstep.raft.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.NodeId;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PeerAddressTest {
  @Test
  void loopbackAddressesAreRead() {
    assertEquals(new PeerAddress("127.0.0.1", 8500), PeerAddress.parse("127.0.0.1:8500"));
    assertEquals("127.255.0.9", PeerAddress.parse("127.255.0.9:1").host());
    assertEquals("127.0.0.1", PeerAddress.parse("localhost:8500").host());
    assertEquals(new PeerAddress("::1", 8500), PeerAddress.parse("[::1]:8500"));
    assertEquals("[::1]:8500", PeerAddress.parse("[::1]:8500").toString());
    assertEquals("127.0.0.1:8500", PeerAddress.parse("localhost:8500").toString());
  }

  @Test
  void anythingElseIsRefusedAndSaysWhy() {
    for (String host :
        List.of(
            "0.0.0.0",
            "10.0.0.1",
            "[::]",
            "[fe80::1]",
            "example.com",
            "127.0.0.1.example.com",
            "127.0.0.256",
            "127.0.0",
            "127.1",
            "localhost.",
            "LOCALHOST",
            "",
            "[127.0.0.1",
            "128.0.0.1")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> PeerAddress.parse(host + ":1"), host);
      assertTrue(
          refused.getMessage().contains("loopback") || refused.getMessage().contains("host:port"),
          refused.getMessage());
    }
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> PeerAddress.parse("10.0.0.1:8500"))
            .getMessage()
            .contains("without mutual TLS"));
  }

  @Test
  void aPortIsAPort() {
    for (String bad :
        List.of(
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:x",
            "127.0.0.1:-1",
            "127.0.0.1:65536",
            "::1:80",
            ":80")) {
      assertThrows(IllegalArgumentException.class, () -> PeerAddress.parse(bad), bad);
    }
    TreeMap<NodeId, PeerAddress> cluster = new TreeMap<>();
    cluster.put(new NodeId("n1"), new PeerAddress("127.0.0.1", 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> PeerOptions.of(new PeerAddress("127.0.0.1", 0), cluster));
  }
}
