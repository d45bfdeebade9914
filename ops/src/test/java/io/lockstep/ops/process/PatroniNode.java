package io.lockstep.ops.process;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** One PostgreSQL server under Debian's Patroni, both run by the user {@code postgres}. */
final class PatroniNode {
  static final String SCOPE = "demo";

  /** How often Patroni is asked what it is: each time it asks its server. */
  static final Duration LOOK = Duration.ofMillis(200);

  private static final String USER = "postgres";
  private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

  final String name;
  final int port;
  private final int restPort;
  private final Path home;
  private final Path data;
  private final Path configuration;
  private final Path log;
  private Process patroni;

  /** Lays one out below {@code directory}, which belongs to the user; nothing is started. */
  PatroniNode(String name, PatroniTimes times, String lockstep, Path directory) throws IOException {
    this.name = name;
    this.home = directory;
    List<Integer> ports = LocalCluster.freePorts(2);
    this.port = ports.getFirst();
    this.restPort = ports.getLast();
    this.data = directory.resolve(name);
    this.configuration = directory.resolve(name + ".yml");
    this.log = directory.resolve(name + ".log");
    Files.writeString(configuration, text(times, lockstep));
  }

  /** Skips the test where something that is needed is not installed. */
  static void requireAll() throws IOException {
    Tools.requireRoot();
    Tools.require("setpriv", "util-linux");
    Tools.require("patroni", "patroni");
    Tools.require("psql", "postgresql");
    if (programs().isEmpty()) {
      Tools.skip("needs a server of PostgreSQL (Debian package postgresql)");
    }
  }

  /** Gives the directory to the user that runs Patroni, and lets that user reach it. */
  static Path given(Path directory) throws IOException, InterruptedException {
    Path given = Files.createDirectories(directory.resolve("postgres"));
    Tools.run("chmod", "711", directory.toString());
    Tools.run("chown", USER + ":" + USER, given.toString());
    return given;
  }

  private static Optional<Path> programs() throws IOException {
    if (!Files.isDirectory(VERSIONS)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(VERSIONS)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
          .max(Path::compareTo);
    }
  }

  private String text(PatroniTimes times, String lockstep) throws IOException {
    return """
        scope: %s
        name: %s
        restapi: {listen: '127.0.0.1:%d', connect_address: '127.0.0.1:%d'}
        etcd3: {hosts: '%s'%s}
        bootstrap:
          dcs:
            ttl: %d
            loop_wait: %d
            retry_timeout: %d
            synchronous_mode: true
            postgresql:
              use_pg_rewind: true
              # A standby asks for its slot before the new primary has it, and else waits for 5 s.
              parameters: {wal_keep_size: 64MB, wal_retrieve_retry_interval: 200ms}
          initdb: [{encoding: UTF8}, data-checksums]
          pg_hba:
          - local all all trust
          - host all all 127.0.0.1/32 trust
          - host replication all 127.0.0.1/32 trust
        postgresql:
          listen: 127.0.0.1:%d
          connect_address: 127.0.0.1:%d
          data_dir: %s
          bin_dir: %s
          pgpass: %s
          basebackup: [{checkpoint: fast}]
          authentication:
            superuser: {username: postgres, password: p}
            replication: {username: rep, password: r}
          parameters: {unix_socket_directories: '', shared_buffers: 16MB}
        """
        .formatted(
            SCOPE,
            name,
            restPort,
            restPort,
            lockstep,
            times.useProxies() ? ", use_proxies: true" : "",
            times.ttl(),
            times.loopWait(),
            times.retryTimeout(),
            port,
            port,
            data,
            programs().orElseThrow(),
            home.resolve(name + ".pgpass"));
  }

  /** Starts Patroni, which starts its server. */
  void start() throws IOException {
    patroni = command("patroni", configuration.toString()).start();
  }

  /** Asks Patroni's own tool to hand the lead over. */
  void switchover(PatroniNode to) throws IOException, InterruptedException {
    Process tool =
        command(
                "patronictl",
                "-c",
                configuration.toString(),
                "switchover",
                SCOPE,
                "--master",
                name,
                "--candidate",
                to.name,
                "--force")
            .start();
    if (!tool.waitFor(60, TimeUnit.SECONDS) || tool.exitValue() != 0) {
      tool.destroyForcibly();
      throw new AssertionError("no switchover\n" + logTail());
    }
  }

  private ProcessBuilder command(String... program) {
    List<String> words =
        new ArrayList<>(
            List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--init-groups", "--"));
    words.addAll(List.of(program));
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().put("HOME", home.toString());
    builder.directory(home.toFile());
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return builder;
  }

  /** Kills Patroni and its server and all that they have started, by {@code kill -9}. */
  void kill9() throws IOException {
    List<ProcessHandle> all = processes();
    all.forEach(ProcessHandle::destroyForcibly);
    Awaitility.await(name + " is dead")
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
  }

  private List<ProcessHandle> processes() throws IOException {
    List<ProcessHandle> all = new ArrayList<>();
    Path pidFile = data.resolve("postmaster.pid");
    if (Files.exists(pidFile)) {
      long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
      // The file outlives its process, whose number may be another's by now.
      ProcessHandle.of(pid)
          .filter(one -> one.info().command().orElse("").endsWith("/postgres"))
          .ifPresent(
              server -> {
                all.add(server);
                server.descendants().forEach(all::add);
              });
    }
    if (patroni != null) {
      patroni.toHandle().descendants().forEach(all::add);
      all.add(patroni.toHandle());
    }
    return all;
  }

  /** Waits until Patroni says that its server is {@code role}. */
  void await(String role, Duration atMost) {
    try {
      Awaitility.await(name + " is " + role)
          .atMost(atMost)
          .pollInterval(LOOK)
          .until(() -> is(role));
    } catch (ConditionTimeoutException late) {
      throw new AssertionError(late.getMessage() + "\n" + logTail(), late);
    }
  }

  /** Whether Patroni says that its server is {@code primary}, or {@code synchronous}. */
  boolean is(String role) {
    URI uri = URI.create("http://127.0.0.1:" + restPort + "/" + role);
    return Http.get(uri, Duration.ofSeconds(1)).status() == 200;
  }

  String logTail() {
    try {
      List<String> lines =
          Files.readAllLines(log, StandardCharsets.UTF_8).stream()
              .filter(line -> !line.contains("INSERT") && !line.contains("read-only"))
              .toList();
      List<String> last = lines.subList(Math.max(0, lines.size() - 40), lines.size());
      return "--- " + name + "\n" + String.join("\n", last);
    } catch (IOException unreadable) {
      return "(no log: " + unreadable.getMessage() + ")";
    }
  }
}
