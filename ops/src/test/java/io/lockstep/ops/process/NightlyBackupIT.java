package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example job of {@code examples/nightly-backup.sh}, started on three hosts at once, night
 * after night, while nodes are killed and paused and holders of the lock fall asleep for longer
 * than their lease: each night is done once, and tokens of successive nights only rise.
 */
class NightlyBackupIT {
  private static final Path SCRIPT =
      Path.of("..", "examples", "nightly-backup.sh").toAbsolutePath().normalize();
  private static final Pattern HOLDS = Pattern.compile("holds the lock with token ([0-9]+)");
  private static final int NIGHTS = 5;

  @Test
  void eachNightIsDoneOnceWhateverHappens(@TempDir Path directory) throws Exception {
    long seed = 7;
    Random random = new Random(seed);
    try (LocalCluster cluster = LocalCluster.started(3, directory)) {
      for (int night = 1; night <= NIGHTS; night++) {
        oneNight(cluster, directory, night, random);
      }
      assertEachNightOnceUnderRisingTokens(cluster);
    }
  }

  private static void oneNight(LocalCluster cluster, Path directory, int night, Random random)
      throws Exception {
    List<Process> jobs = new ArrayList<>();
    try {
      for (String host : List.of("db1", "db2", "db3")) {
        jobs.add(startJob(cluster, directory, night, host));
      }
      Awaitility.await("somebody holds the lock")
          .atMost(Duration.ofSeconds(30))
          .until(() -> !holders(directory, night).isEmpty());
      disturb(cluster, jobs, directory, night, random);
      for (Process job : jobs) {
        assertTrue(job.waitFor(90, TimeUnit.SECONDS), "a job ends\n" + output(directory, night));
      }
    } finally {
      jobs.forEach(Process::destroyForcibly);
    }
    String all = output(directory, night);
    assertEquals(1, count(all, "wrote the result of"), "night " + night + "\n" + all);
    List<Long> tokens = tokens(all);
    assertEquals(tokens.stream().distinct().count(), tokens.size(), "no token twice\n" + all);
  }

  /**
   * One disturbance a night, in turn: the leader dies, another node sleeps, or the holder itself
   * sleeps.
   */
  private static void disturb(
      LocalCluster cluster, List<Process> jobs, Path directory, int night, Random random)
      throws Exception {
    switch (night % 3) {
      case 1 -> {
        LocalNode leader = cluster.leader();
        leader.kill9();
        leader.start().awaitReady(Duration.ofSeconds(30));
      }
      case 2 -> {
        LocalNode sleeper = cluster.nodes.get(random.nextInt(3));
        sleeper.signal("STOP");
        try {
          Awaitility.await("the others go on without the sleeper")
              .atMost(Duration.ofSeconds(20))
              .until(() -> pulse(cluster.except(sleeper).getFirst(), night));
        } finally {
          sleeper.signal("CONT");
        }
      }
      default -> {
        String holder = holders(directory, night).getFirst();
        Process job = jobs.get(holder.charAt(2) - '1');
        signalTree(job, "STOP");
        try {
          Awaitility.await("another host takes over once the sleeper's lease has ended")
              .atMost(Duration.ofSeconds(40))
              .until(() -> holders(directory, night).size() > 1);
        } finally {
          signalTree(job, "CONT");
        }
      }
    }
  }

  private static boolean pulse(LocalNode node, int night) {
    int status =
        Http.send("PUT", node.uri("/v1/kv/pulse"), "night " + night, Duration.ofSeconds(3))
            .status();
    return status == 200 || status == 201;
  }

  private static void assertEachNightOnceUnderRisingTokens(LocalCluster cluster) {
    long before = 0;
    for (int night = 1; night <= NIGHTS; night++) {
      Http.Answer answer =
          Http.get(
              cluster.nodes.getFirst().uri("/v1/kv/jobs/nightly-backup/night-" + night),
              Duration.ofSeconds(10));
      assertEquals(200, answer.status(), answer.body());
      assertEquals(1, answer.number("version"), "written once: " + answer.body());
      Matcher token = Pattern.compile("done under ([0-9]+)").matcher(answer.body());
      assertTrue(token.find(), answer.body());
      long now = Long.parseLong(token.group(1));
      assertTrue(now > before, "tokens rise from night to night: " + before + ", " + now);
      before = now;
    }
  }

  private static Process startJob(LocalCluster cluster, Path directory, int night, String host)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString(), "night-" + night);
    builder
        .environment()
        .put(
            "LOCKSTEP",
            cluster.nodes.stream()
                .map(node -> "http://127.0.0.1:" + node.clientPort)
                .collect(Collectors.joining(" ")));
    builder.environment().put("OWNER", host);
    builder.environment().put("TTL", "3s");
    builder.environment().put("WORK", "sleep 2; echo done under $LOCK_TOKEN");
    builder.redirectErrorStream(true);
    builder.redirectOutput(file(directory, night, host).toFile());
    return builder.start();
  }

  private static Path file(Path directory, int night, String host) {
    return directory.resolve("night-" + night + "-" + host + ".out");
  }

  private static String output(Path directory, int night) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String host : List.of("db1", "db2", "db3")) {
      Path file = file(directory, night, host);
      all.append(Files.exists(file) ? Files.readString(file) : "");
    }
    return all.toString();
  }

  /** The hosts that have held the lock this night. */
  private static List<String> holders(Path directory, int night) throws IOException {
    List<String> found = new ArrayList<>();
    for (String host : List.of("db1", "db2", "db3")) {
      Path file = file(directory, night, host);
      if (Files.exists(file) && HOLDS.matcher(Files.readString(file)).find()) {
        found.add(host);
      }
    }
    return found;
  }

  private static List<Long> tokens(String output) {
    return HOLDS.matcher(output).results().map(match -> Long.parseLong(match.group(1))).toList();
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  private static void signalTree(Process job, String signal) throws Exception {
    List<Long> pids = new ArrayList<>(List.of(job.pid()));
    job.descendants().forEach(child -> pids.add(child.pid()));
    for (long pid : pids) {
      new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
    }
  }
}
