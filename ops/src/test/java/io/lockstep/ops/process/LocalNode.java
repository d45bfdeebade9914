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
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** One real node process, started with the launcher, with the signals that a test needs. */
final class LocalNode {
  /** Nodes of tests live for seconds: what the optimizing compiler takes, it never gives back. */
  private static final String JVM_OPTIONS = "-Xmx384m -Xms64m -XX:TieredStopAtLevel=1";

  private static final Path LAUNCHER =
      Path.of("..", "bin", "lockstep").toAbsolutePath().normalize();

  final String id;
  final int clientPort;
  final int peerPort;
  final Path data;
  final Path log;
  private final Map<String, String> environment = new TreeMap<>();
  private final List<String> extraArguments = new ArrayList<>();
  private Supplier<String> accounts = this::account;
  private String cluster = "";
  private Process process;

  /** Whether the test has seen to it that this life ends, or has seen it end. */
  private volatile boolean endKnown;

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

  /** What is told of this node and those around it when it does not become ready. */
  void accounts(Supplier<String> ofAll) {
    accounts = ofAll;
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
    builder.environment().putIfAbsent("LOCKSTEP_JAVA_OPTS", JVM_OPTIONS);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    endKnown = false;
    process = builder.start();
    return this;
  }

  boolean alive() {
    return process != null && process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** One that has ended by itself cannot be killed: the test would go on as if it had lived. */
  void kill9() throws InterruptedException {
    if (endedUnnoticed()) {
      throw new AssertionError(id + " ended by itself, " + process.exitValue() + "\n" + logTail());
    }
    endKnown = true;
    process.destroyForcibly();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      throw new AssertionError(id + " survived kill -9");
    }
  }

  void signal(String name) throws IOException, InterruptedException {
    endKnown |= !name.equals("STOP") && !name.equals("CONT");
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
    endKnown = true;
    return process.exitValue();
  }

  /** Whether the process ends by itself within this time. */
  boolean awaitEarlyExit(Duration atMost) throws InterruptedException {
    endKnown |= process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
    return !process.isAlive();
  }

  /** Whether the process ended, and the test neither ended it nor waited for that. */
  boolean endedUnnoticed() {
    return process != null && !process.isAlive() && !endKnown;
  }

  void awaitReady(Duration atMost) {
    try {
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
    } catch (ConditionTimeoutException late) {
      throw new AssertionError(late.getMessage() + "\n" + accounts.get(), late);
    }
  }

  /** What this node says of itself, what it wrote last, and what its threads do. */
  String account() {
    if (!alive()) {
      return id + " does not run\n" + logTail();
    }
    Duration patience = Duration.ofSeconds(1);
    String text =
        id
            + " says "
            + Http.get(uri("/readyz?verbose"), patience).body()
            + Http.get(uri("/v1/cluster?verbose"), patience).body()
            + "\n"
            + logTail();
    return text + "\n" + threads();
  }

  private String threads() {
    try {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(pid()),
                  "Thread.print")
              .redirectErrorStream(true)
              .start();
      if (!jcmd.waitFor(10, TimeUnit.SECONDS)) {
        jcmd.destroyForcibly();
        return id + " shows no threads";
      }
      return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unknown) {
      return "(no threads: " + unknown.getMessage() + ")";
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return "(interrupted)";
    }
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
