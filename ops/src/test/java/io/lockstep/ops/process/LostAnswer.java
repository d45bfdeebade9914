package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lockstep.raft.peer.LinkProxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * A mutation under a request id whose answer never comes: its client knows nothing and asks again.
 *
 * @param id under which it is sent each time
 * @param headers names and values in turn
 */
record LostAnswer(String id, String method, String path, String body, List<String> headers) {
  /** What a grant says of the present, and so says differently when it is told again. */
  private static final Pattern OF_NOW =
      Pattern.compile("\"(expires_in_ms|renew_after_ms|revision)\" *: *[0-9]+");

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  static LostAnswer post(String id, String path, String body) {
    return new LostAnswer(id, "POST", path, body, List.of());
  }

  static LostAnswer key(String id, String method, String key, String body, String... headers) {
    return new LostAnswer(id, method, "/v1/kv/" + key, body, List.of(headers));
  }

  CompletableFuture<Http.Answer> sendThrough(LinkProxy proxy) {
    return CompletableFuture.supplyAsync(
        () -> send("http://127.0.0.1:" + proxy.port()), task -> Thread.ofVirtual().start(task));
  }

  /** Asks for the same again, at any node. */
  Http.Answer again(LocalNode node) {
    return send(node.uri("").toString());
  }

  private Http.Answer send(String base) {
    List<String> all = new ArrayList<>(headers);
    all.addAll(List.of("Idempotency-Key", id));
    return Http.send(method, URI.create(base + path), body, PATIENCE, all.toArray(String[]::new));
  }

  /** Waits until it has taken effect, as {@code node} knows; returns the revision then. */
  long awaitEffect(LocalNode node) {
    List<Http.Answer> seen = new ArrayList<>();
    Awaitility.await(id + " takes effect")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              seen.add(Http.get(node.uri("/v1/requests/" + id), PATIENCE));
              return seen.getLast().status() == 200;
            });
    assertEquals("applied", seen.getLast().text("outcome"), seen.getLast()::toString);
    return seen.getLast().number("revision");
  }

  /** The answer, without what it says of the present. It must be one that was given before. */
  String replay(LocalNode node) {
    Http.Answer answer = again(node);
    assertNotNull(answer.raw(), () -> id + " " + answer);
    Optional<String> replayed = answer.raw().headers().firstValue("Idempotency-Replayed");
    assertEquals(Optional.of("true"), replayed, () -> id + " at " + node.id + " " + answer);
    boolean ofNow = answer.number("expires_in_ms") >= 0;
    String body = ofNow ? OF_NOW.matcher(answer.body()).replaceAll("") : answer.body();
    return answer.status() + " " + body;
  }
}
