package io.lockstep.http.etcd;

import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Waiting;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The etcd of the operating system's package, one member. */
final class RealEtcd implements AutoCloseable {
  static final Path BINARY = Path.of("/usr/bin/etcd");

  private final Process process;
  private final int port;

  private RealEtcd(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Whether it is installed: the Debian package is etcd-server. */
  static boolean installed() {
    return Files.isExecutable(BINARY);
  }

  static RealEtcd start(Path directory) throws IOException {
    int client = freePort();
    int peer = freePort();
    String clientUrl = "http://127.0.0.1:" + client;
    String peerUrl = "http://127.0.0.1:" + peer;
    ProcessBuilder builder =
        new ProcessBuilder(
            BINARY.toString(),
            "--data-dir",
            directory.resolve("data").toString(),
            "--listen-client-urls",
            clientUrl,
            "--advertise-client-urls",
            clientUrl,
            "--listen-peer-urls",
            peerUrl,
            "--initial-advertise-peer-urls",
            peerUrl,
            "--initial-cluster",
            "default=" + peerUrl);
    builder.redirectErrorStream(true).redirectOutput(directory.resolve("etcd.log").toFile());
    RealEtcd etcd = new RealEtcd(builder.start(), client);
    Waiting.until("etcd serves", etcd::serves);
    return etcd;
  }

  private boolean serves() {
    try {
      return client().post("/v3/kv/range", "{\"key\":\"AA==\"}").status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  Http client() {
    return new Http(port);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
