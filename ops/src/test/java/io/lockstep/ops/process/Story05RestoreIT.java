package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Story 5, its end: yesterday's backup becomes a new cluster, whose ids, revisions and fences are
 * above all that the old one gave out, also after the backup; and the same backup another one.
 */
class Story05RestoreIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Path LAUNCHER =
      Path.of("..", "bin", "lockstep").toAbsolutePath().normalize();

  /** The greatest of what a cluster gave out. */
  private record Given(String cluster, long revision, long id, long otherId, long token) {}

  @Test
  void aRestoredClusterBeginsAboveAllThatTheOldOneGaveOut(@TempDir Path directory)
      throws Exception {
    Path backup = directory.resolve("yesterday.backup");
    Given old;
    try (LocalCluster cluster =
        LocalCluster.started(1, Files.createDirectory(directory.resolve("old")))) {
      LocalNode node = cluster.nodes.getFirst();
      long before = draw(node, "users-id", "resource").id();
      Kv.at(node).write("kept", "yes");
      download(node, backup);
      Kv.at(node).write("lost", "yes");
      old = drawAll(node);
      assertTrue(old.id() > before, old::toString);
      assertEquals(409, advance(node, "new-resource", old.token() - 1).status());
    }
    refusesWhatIsNotWhole(directory, backup);
    Path first = directory.resolve("first");
    restore(0, backup, first.resolve("n1"));
    Given given;
    try (LocalCluster cluster = cluster(first)) {
      LocalNode node = cluster.nodes.getFirst();
      assertEquals(404, Kv.at(node).get("lost").status());
      assertEquals("yes", Kv.at(node).get("kept?raw").body());
      assertEquals(409, advance(node, "resource", old.token()).status());
      assertEquals(409, advance(node, "new-resource", old.token()).status());
      Http.Answer gone =
          Http.get(node.uri("/v1/watch/kept?from=" + (old.revision() + 1)), PATIENCE);
      assertEquals(410, gone.status(), gone::toString);
      given = drawAll(node);
      assertAbove(old, given);
      LocalNode joiner = cluster.joiner("n2").start();
      joiner.awaitReady(PATIENCE);
      assertEquals("yes", Kv.at(joiner).get("kept?raw").body());
      LocalCluster.awaitEqualHashes(List.of(node, joiner));
      given = drawAll(joiner);
    }
    Path second = directory.resolve("second");
    restore(0, backup, second.resolve("n1"), "--above", Long.toString(given.revision()));
    try (LocalCluster cluster = cluster(second)) {
      assertAbove(given, drawAll(cluster.nodes.getFirst()));
    }
  }

  private static LocalCluster cluster(Path directory) throws IOException {
    return LocalCluster.started(1, directory);
  }

  private static void assertAbove(Given before, Given after) {
    assertNotEquals(before.cluster(), after.cluster());
    assertTrue(after.revision() - before.revision() > 1L << 40, after::toString);
    assertTrue(after.token() > before.revision(), after::toString);
    assertTrue(after.id() > before.id(), after::toString);
    assertTrue(after.otherId() > before.otherId(), after::toString);
  }

  /** Draws of what the backup knows, and of what it does not. */
  private static Given drawAll(LocalNode node) {
    Given given = draw(node, "users-id", "resource");
    Given fresh = draw(node, "new-id", "new-resource");
    return new Given(given.cluster(), fresh.revision(), given.id(), fresh.id(), fresh.token());
  }

  private static Given draw(LocalNode node, String sequence, String resource) {
    Http.Answer ids = post(node, "/v1/ids/" + sequence + ":next?count=1000", "");
    Http.Answer lock = post(node, "/v1/locks/l:acquire", "{\"ttl\":\"15s\"}");
    long token = lock.number("token");
    assertEquals(200, advance(node, resource, token).status());
    Http.Answer released = post(node, "/v1/locks/l:release", "{\"token\":" + token + "}");
    return new Given(
        Http.get(node.uri("/v1/cluster"), PATIENCE).text("cluster_id"),
        released.number("revision"),
        Long.parseLong(ids.text("last")),
        0,
        token);
  }

  private static Http.Answer advance(LocalNode node, String resource, long token) {
    return Http.send(
        "POST",
        node.uri("/v1/fences/" + resource + ":advance"),
        "{\"token\":" + token + "}",
        PATIENCE);
  }

  private static Http.Answer post(LocalNode node, String path, String body) {
    Http.Answer answer = Http.send("POST", node.uri(path), body, PATIENCE);
    assertEquals(200, answer.status(), answer::toString);
    return answer;
  }

  private static void download(LocalNode node, Path file) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = node.uri("/v1/backup");
      HttpResponse<Path> answer =
          client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofFile(file));
      assertEquals(200, answer.statusCode());
    }
  }

  private static void refusesWhatIsNotWhole(Path directory, Path backup) throws Exception {
    byte[] whole = Files.readAllBytes(backup);
    Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(whole, whole.length - 1));
    Path place = directory.resolve("refused");
    assertTrue(restore(71, cut, place).contains("cut short"));
    assertTrue(Files.notExists(place), "nothing is made of it");
  }

  /** What the command says. */
  private static String restore(int status, Path file, Path data, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                LAUNCHER.toString(),
                "restore",
                file.toString(),
                "--id",
                "n1",
                "--data",
                data.toString()));
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putIfAbsent("LOCKSTEP_JAVA_OPTS", "-Xms64m -XX:TieredStopAtLevel=1");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(status, process.waitFor(), said);
    return said;
  }
}
