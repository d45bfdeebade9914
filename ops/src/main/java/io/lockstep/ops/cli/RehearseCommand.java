package io.lockstep.ops.cli;

import io.lockstep.ops.NodeProcess;
import io.lockstep.ops.StartRefused;
import io.lockstep.ops.config.Address;
import io.lockstep.ops.config.NodeConfig;
import io.lockstep.ops.config.NodeConfig.Journal;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.peer.PeerAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Starts a node in an empty directory, asks it a little of everything, and stops it: the launcher
 * records which classes that loads, so that later starts find them ready.
 */
@Command(
    name = "rehearse",
    hidden = true,
    description = "Starts a lone node in an empty directory, uses it, stops it.")
public final class RehearseCommand implements Callable<Integer> {
  private static final int ROUNDS = 20;
  private static final int TIMEOUT_MILLIS = 10_000;

  @Option(names = "--data", required = true)
  private String data = "";

  @Override
  public Integer call() throws StartRefused, IOException, InterruptedException {
    int client = freePort();
    int peer = freePort();
    NodeId id = new NodeId("n1");
    TreeMap<NodeId, PeerAddress> cluster = new TreeMap<>();
    cluster.put(id, new PeerAddress("127.0.0.1", peer));
    NodeConfig config =
        new NodeConfig(
            id,
            Path.of(data).toAbsolutePath().normalize(),
            new Address("127.0.0.1", client),
            new PeerAddress("127.0.0.1", peer),
            cluster,
            Journal.CHRONICLE,
            12,
            50_000,
            NodeConfig.Timing.LAN,
            64 << 20,
            null);
    NodeProcess node = NodeProcess.start(config);
    for (int i = 0; i < ROUNDS; i++) {
      for (String request : requests()) {
        exchange(client, request);
      }
    }
    node.stop();
    return 0;
  }

  private static List<String> requests() {
    return List.of(
        request("PUT", "/v1/kv/rehearsal/a", "blue"),
        request("GET", "/v1/kv/rehearsal/a", ""),
        request("GET", "/v1/kv/rehearsal/a?raw", ""),
        request("GET", "/v1/kv/rehearsal/?prefix", ""),
        request("PUT", "/v1/kv/rehearsal/a?if_revision=1", "red"),
        request("POST", "/v1/leases", "{\"ttl\":\"15s\"}"),
        request("POST", "/v1/locks/rehearsal:acquire", "{\"ttl\":\"15s\",\"owner\":\"me\"}"),
        request("GET", "/v1/locks/rehearsal", ""),
        request("DELETE", "/v1/kv/rehearsal/a", ""),
        request("GET", "/v1/cluster", ""),
        request("GET", "/readyz?verbose", ""),
        request("GET", "/metrics", ""),
        request("GET", "/no/such/route", ""));
  }

  private static String request(String method, String target, String body) {
    return method
        + " "
        + target
        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static void exchange(int port, String request) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream answer = socket.getInputStream();
      byte[] buffer = new byte[8_192];
      int read = answer.read(buffer);
      while (read >= 0) {
        read = answer.read(buffer);
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
