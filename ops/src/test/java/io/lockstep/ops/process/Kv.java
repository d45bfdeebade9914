package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.peer.LinkProxy;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The keys as somebody finds them through one node. */
record Kv(String base) {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  static Kv at(LocalNode node) {
    return new Kv("http://127.0.0.1:" + node.clientPort);
  }

  static Kv through(LinkProxy proxy) {
    return new Kv("http://127.0.0.1:" + proxy.port());
  }

  Http.Answer get(String key, String... headers) {
    return Http.send("GET", uri(key), "", PATIENCE, headers);
  }

  Http.Answer put(String key, String value, String... headers) {
    return Http.comeAgain("PUT", uri(key), value, PATIENCE, headers);
  }

  CompletableFuture<Http.Answer> putLater(String key, String value, String... headers) {
    return CompletableFuture.supplyAsync(
        () -> put(key, value, headers), task -> Thread.ofVirtual().start(task));
  }

  CompletableFuture<Http.Answer> getLater(String key) {
    return CompletableFuture.supplyAsync(() -> get(key), task -> Thread.ofVirtual().start(task));
  }

  Http.Answer compareAndSet(String key, long revision, String value, String... headers) {
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 2, headers.length);
    all[0] = "If-Match";
    all[1] = "\"" + revision + "\"";
    return put(key, value, all);
  }

  /** Writes, which must succeed; returns the revision. */
  long write(String key, String value) {
    Http.Answer answer = put(key, value);
    assertTrue(answer.status() == 200 || answer.status() == 201, answer::toString);
    return answer.number("mod_revision");
  }

  /** What this node has applied, which it does not ask anybody about. */
  long appliedRevision() {
    return Http.get(URI.create(base + "/v1/cluster"), PATIENCE).number("revision");
  }

  private URI uri(String key) {
    return URI.create(base + "/v1/kv/" + key);
  }
}
