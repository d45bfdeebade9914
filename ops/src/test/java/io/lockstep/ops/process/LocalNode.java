package io.lockstep.ops.process;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** One real node process, started with the launcher, with the signals that a test needs. */
final class LocalNode {
  private static final Path LAUNCHER =
      Path.of("..", "bin", "lockstep").toAbsolutePath().normalize();

  final String id;
  final int clientPort;
  final int peerPort;
  final Path data;
  final Path log;
  private final Map<String, String> environment = new TreeMap<>();
  private final List<String> extraArguments = new ArrayList<>();
  private String cluster = "";
  private Process process;

  LocalNode(String id, int clientPort, int peerPort, Path directory) {
    this.id = id;
    this.clientPort = clientPort;
    this.peerPort = peerPort;
    this.data = directory.resolve(id);
    this.log = directory.resolve(id + ".log");
  }

  void cluster(String text) {
    cluster = text;
  }

  String cluster() {
    return cluster;
  }

  LocalNode argument(String name, String value) {
    extraArguments.add(name);
    extraArguments.add(value);
    return this;
  }

  LocalNode environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + clientPort + path);
  }

  /** Starts the process and returns at once. */
  LocalNode start() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                LAUNCHER.toString(),
                "node",
                "--id",
                id,
                "--data",
                data.toString(),
                "--client",
                "127.0.0.1:" + clientPort,
                "--peer",
                "127.0.0.1:" + peerPort));
    if (!cluster.isEmpty()) {
      command.addAll(List.of("--cluster", cluster));
    }
    command.addAll(extraArguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putIfAbsent("LOCKSTEP_JAVA_OPTS", "-Xmx384m -Xms64m");
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    process = builder.start();
    return this;
  }

  boolean alive() {
    return process != null && process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  void kill9() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      throw new AssertionError(id + " survived kill -9");
    }
  }

  void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("kill -" + name + " " + id + " failed");
    }
  }

  /** Waits for the process to end by itself and returns its exit status. */
  int awaitExit(Duration atMost) throws InterruptedException {
    if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError(id + " is still running after " + atMost + "\n" + logTail());
    }
    return process.exitValue();
  }

  /** Whether the process ends by itself within this time. */
  boolean awaitEarlyExit(Duration atMost) throws InterruptedException {
    return process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  void awaitReady(Duration atMost) {
    Awaitility.await(id + " is ready")
        .atMost(atMost)
        .pollInterval(Duration.ofMillis(25))
        .until(
            () -> {
              if (!alive()) {
                throw new AssertionError(id + " ended\n" + logTail());
              }
              return Http.get(uri("/readyz"), Duration.ofSeconds(1)).status() == 200;
            });
  }

  String logTail() {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException unreadable) {
      return "(no log: " + unreadable.getMessage() + ")";
    }
  }

  String logText() throws IOException {
    return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
  }
}
