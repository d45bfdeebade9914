package io.lockstep.ops.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.ops.config.NodeConfig.Journal;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.peer.PeerAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a node accepts as configuration, and what it says of the rest. */
class NodeConfigTest {
  private static NodeConfig config(String id, String cluster, int segmentMebibytes) {
    return new NodeConfig(
        new NodeId(id),
        Path.of("data"),
        Address.parse("127.0.0.1:8400"),
        PeerAddress.parse("127.0.0.1:8500"),
        NodeConfig.parseCluster(cluster),
        Journal.CHRONICLE,
        segmentMebibytes,
        50_000,
        NodeConfig.Timing.LAN,
        1 << 20,
        null);
  }

  private static String clientUrl(String client, @Nullable String advertised) {
    NodeConfig formed = config("n1", "n1=127.0.0.1:1", 64);
    return new NodeConfig(
            formed.id(),
            formed.data(),
            Address.parse(client),
            formed.peer(),
            formed.cluster(),
            formed.journal(),
            formed.segmentMebibytes(),
            formed.snapshotEntries(),
            formed.timing(),
            formed.quotaBytes(),
            null,
            advertised == null ? null : URI.create(advertised))
        .clientUrl();
  }

  @Test
  void clientsAreToldWhereTheyReachANode() {
    assertEquals("http://127.0.0.1:8400", clientUrl("127.0.0.1:8400", null));
    assertEquals("http://[::1]:8400", clientUrl("[::1]:8400", null));
    assertEquals("", clientUrl("0.0.0.0:8400", null), "nobody can be sent there");
    assertEquals("", clientUrl("[::]:8400", null), "nobody can be sent there");
    assertEquals("https://db.example", clientUrl("0.0.0.0:8400", "https://db.example/"));
    refused("--client-url is a URL", () -> clientUrl("127.0.0.1:8400", "db.example:8400"));
    refused(
        "at most 256 characters", () -> clientUrl("127.0.0.1:8400", "http://h/" + "x".repeat(300)));
  }

  @Test
  void threeNodesInAnyOrder() {
    NodeConfig config = config("n2", "n3=127.0.0.1:8502, n1=127.0.0.1:8500,n2=[::1]:8501", 64);
    assertEquals(
        List.of(new NodeId("n1"), new NodeId("n2"), new NodeId("n3")),
        List.copyOf(config.cluster().keySet()));
    assertEquals(8501, config.cluster().get(new NodeId("n2")).port());
  }

  @Test
  void refusesWhatCannotBeMeant() {
    refused("n9 is not one of the nodes", () -> config("n9", "n1=127.0.0.1:1", 64));
    refused("1, 3, 5 or 7", () -> config("n1", "n1=127.0.0.1:1,n2=127.0.0.1:2", 64));
    refused("n1 twice", () -> config("n1", "n1=127.0.0.1:1,n1=127.0.0.1:2,n3=127.0.0.1:3", 64));
    refused("is not of that form", () -> config("n1", "n1@127.0.0.1:1", 64));
    refused("is not of that form", () -> config("n1", "n1=127.0.0.1:1,", 64));
    refused("loopback", () -> config("n1", "n1=192.0.2.7:8500", 64));
    refused("between 12 and 1024", () -> config("n1", "n1=127.0.0.1:1", 11));
    refused("a node id is", () -> config("n 1", "n1=127.0.0.1:1", 64));
  }

  @Test
  void aNodeJoinsAClusterInsteadOfForming() {
    NodeConfig.Join join =
        new NodeConfig.Join(URI.create("http://127.0.0.1:8400/"), false, new NodeId("n2"));
    assertEquals("http://127.0.0.1:8400", join.url().toString());
    refused("is a URL", () -> new NodeConfig.Join(URI.create("127.0.0.1"), false, null));
    refused(
        "replaces no voter",
        () -> new NodeConfig.Join(URI.create("http://h:1"), true, new NodeId("n2")));
    NodeConfig formed = config("n1", "n1=127.0.0.1:1", 64);
    refused(
        "not both",
        () ->
            new NodeConfig(
                formed.id(),
                formed.data(),
                formed.client(),
                formed.peer(),
                formed.cluster(),
                formed.journal(),
                formed.segmentMebibytes(),
                formed.snapshotEntries(),
                formed.timing(),
                formed.quotaBytes(),
                join));
  }

  @Test
  void clientAddresses() {
    assertEquals(new Address("::1", 8400), Address.parse("[::1]:8400"));
    assertEquals("[::1]:8400", Address.parse("[::1]:8400").toString());
    assertEquals("localhost:1", Address.parse("localhost:1").toString());
    refused("brackets", () -> Address.parse("::1:8400"));
    refused("is no port", () -> Address.parse("localhost:http"));
    refused("between 1 and 65535", () -> Address.parse("localhost:65536"));
    refused("host:port", () -> Address.parse("8400"));
    refused("host:port", () -> Address.parse(":8400"));
  }

  private static void refused(String says, Runnable made) {
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, made::run);
    assertTrue(refusal.getMessage().contains(says), refusal.getMessage());
  }
}
