package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.peer.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Runs {@code bin/lockstep up} and every command line of the README's tour, in order, in one shell,
 * and looks for what the README says each of them answers.
 */
@Isolated("it says how soon three nodes are ready")
class ReadmeTourIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String EXPECTED = "#=> ";

  /**
   * A command line of the tour.
   *
   * @param expected fragments that its output must hold
   */
  private record Step(String command, List<String> expected) {}

  @Test
  void theTourWorksWhenPasted(@TempDir Path directory) throws Exception {
    prepareBuild(directory);
    Path data = directory.resolve("data");
    int base = Ports.freeWithPeers(3);
    Path upLog = directory.resolve("up.log");
    long started = System.nanoTime();
    Process up =
        new ProcessBuilder(
                ROOT.resolve("bin/lockstep").toString(),
                "up",
                "--base-port",
                "" + base,
                "--data",
                data.toString())
            .redirectErrorStream(true)
            .redirectOutput(upLog.toFile())
            .start();
    try {
      Awaitility.await("up greets")
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> !up.isAlive() || Files.readString(upLog).contains("Lockstep is up"));
      long millis = (System.nanoTime() - started) / 1_000_000;
      assertTrue(up.isAlive(), () -> read(upLog));
      runTour(directory, base, data);
      up.destroy();
      assertTrue(up.waitFor(15, TimeUnit.SECONDS), "up stops its nodes");
      assertEquals(0, up.exitValue(), () -> read(upLog));
      assertTrue(millis < 6_000, "three ready nodes in under 6 s, not " + millis + " ms");
    } finally {
      up.descendants().forEach(ProcessHandle::destroyForcibly);
      up.destroyForcibly();
    }
  }

  /** What is prepared once after a build is not part of a start. */
  private static void prepareBuild(Path directory) throws Exception {
    Process version =
        new ProcessBuilder(ROOT.resolve("bin/lockstep").toString(), "--version")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("version.log").toFile())
            .start();
    assertTrue(version.waitFor(120, TimeUnit.SECONDS));
    assertEquals(0, version.exitValue(), () -> read(directory.resolve("version.log")));
  }

  private static void runTour(Path directory, int base, Path data) throws Exception {
    List<Step> steps = steps(Files.readString(ROOT.resolve("README.md")));
    assertTrue(steps.size() > 20, "the tour has its steps: " + steps.size());
    StringBuilder script = new StringBuilder();
    for (int i = 0; i < steps.size(); i++) {
      script.append("{ ").append(localized(steps.get(i).command(), base, data)).append("\n} > ");
      script.append(directory.resolve("step-" + i)).append(" 2>&1\n");
    }
    Path file = directory.resolve("tour.sh");
    Files.writeString(file, script.toString());
    Process tour =
        new ProcessBuilder("bash", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("tour.log").toFile())
            .start();
    assertTrue(tour.waitFor(90, TimeUnit.SECONDS), "the tour ends");
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      String output = read(directory.resolve("step-" + i));
      for (String expected : steps.get(i).expected()) {
        if (!output.contains(expected)) {
          missing.add(
              steps.get(i).command() + "\n  should answer " + expected + "\n  but did " + output);
        }
      }
    }
    assertEquals(List.of(), missing, () -> read(directory.resolve("tour.log")));
  }

  private static String localized(String command, int base, Path data) {
    return command
        .replace(":8400", ":" + base)
        .replace(":8402", ":" + (base + 2))
        .replace("8400 8401 8402", base + " " + (base + 1) + " " + (base + 2))
        .replace("data/$N.pid", data + "/$N.pid");
  }

  /**
   * The command lines of the README's {@code sh} blocks, each with the answers that stand below it.
   */
  private static List<Step> steps(String readme) {
    List<Step> steps = new ArrayList<>();
    boolean inside = false;
    for (String line : readme.lines().toList()) {
      if (line.startsWith("```")) {
        inside = line.equals("```sh");
      } else if (inside && line.startsWith(EXPECTED)) {
        steps.getLast().expected().add(line.substring(EXPECTED.length()));
      } else if (inside && !line.isBlank()) {
        steps.add(new Step(line, new ArrayList<>()));
      }
    }
    return steps;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      return "(" + unreadable.getMessage() + ")";
    }
  }
}
