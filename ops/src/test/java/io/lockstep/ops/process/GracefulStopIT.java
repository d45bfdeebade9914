package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGTERM hands leadership over and stops the node within five seconds; what it acknowledged stays,
 * and so does the key with which it signs.
 */
class GracefulStopIT {
  private static final String KEY = "Idempotency-Key";

  @Test
  void aLeaderThatIsToldToStopHandsOverFirst(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.started(3, directory);
        AckedWriters writers = new AckedWriters(cluster, 4)) {
      Awaitility.await("load")
          .atMost(Duration.ofSeconds(20))
          .until(() -> writers.acknowledged() > 50);
      LocalNode leader = cluster.leader();
      String key = keyOfASignedGrant(leader, "before");
      leader.signal("TERM");
      int status = leader.awaitExit(Duration.ofSeconds(5));
      assertTrue(status == 0 || status == 143, "exit status " + status);
      LocalNode next = cluster.leader();
      assertTrue(next != leader, "another node leads");
      assertTrue(leader.logText().contains("handed leadership"), leader::logTail);
      long before = writers.acknowledged();
      Awaitility.await("writes go on")
          .atMost(Duration.ofSeconds(20))
          .until(() -> writers.acknowledged() > before + 50);
      writers.stop();
      leader.start().awaitReady(Duration.ofSeconds(30));
      assertEquals(key, keyOfASignedGrant(leader, "after"), "a restarted node keeps its key");
      for (LocalNode node : cluster.nodes) {
        assertEquals(List.of(), writers.violations(node));
      }
    }
  }

  /** The name of the key that the node signs with, which every node publishes. */
  private static String keyOfASignedGrant(LocalNode node, String lock) {
    URI acquire = node.uri("/v1/locks/" + lock + ":acquire");
    String body = "{\"ttl\":\"1m\",\"signed\":true}";
    Duration patience = Duration.ofSeconds(5);
    String grant =
        Awaitility.await("a signed grant of " + node.id)
            .atMost(Duration.ofSeconds(20))
            .until(
                () -> Http.send("POST", acquire, body, patience, KEY, lock).text("grant"),
                text -> !text.isEmpty());
    String header = grant.substring(0, grant.indexOf('.'));
    String json = new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8);
    String key = json.replaceAll(".*\"kid\":\"([^\"]*)\".*", "$1");
    String published = Http.get(node.uri("/.well-known/jwks.json"), patience).body();
    assertTrue(published.contains('"' + key + '"'), published);
    return key;
  }
}
