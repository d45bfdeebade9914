package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exclusive locks over the wire, on one real node. */
class LocksTest {
  private TestNode node;
  private Http http;

  @BeforeEach
  void start() {
    node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0));
    http = node.client();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private Response acquire(String name, String body, String... headers) throws Exception {
    return http.post("/v1/locks/" + name + ":acquire", body, headers);
  }

  private Response release(String name, long token) throws Exception {
    return http.post("/v1/locks/" + name + ":release", "{\"token\":" + token + "}");
  }

  private Http.Connection beginAcquire(String name, String body, String... headers)
      throws Exception {
    Http.Connection connection = http.connect();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    connection.send("POST", "/v1/locks/" + name + ":acquire", bytes, headers);
    return connection;
  }

  private JsonNode lock(String name) throws Exception {
    return http.get("/v1/locks/" + name).json();
  }

  private void awaitQueue(String name, int length) {
    Waiting.until(
        "the queue has " + length, () -> lock(name).get("queue_length").asInt() == length);
  }

  @Test
  void aLockIsHeldShownRenewedAndReleased() throws Exception {
    Response acquired = acquire("a", "{\"ttl\":\"20s\",\"owner\":\"cron@db1\"}");
    assertEquals(200, acquired.status(), acquired.text());
    JsonNode held = acquired.json();
    assertEquals("held", held.get("state").asText());
    assertEquals(20_000, held.get("ttl_ms").asInt());
    assertEquals(20_000, held.get("expires_in_ms").asInt());
    int renewAfter = held.get("renew_after_ms").asInt();
    assertTrue(renewAfter > 5_000 && renewAfter < 8_000, "renew after " + renewAfter);
    long token = held.get("token").asLong();
    JsonNode shown = lock("a");
    assertEquals("cron@db1", shown.get("owner").asText());
    assertEquals(token, shown.get("token").asLong());
    Response renewed = http.post("/v1/locks/a:renew", "{\"token\":" + token + "}");
    assertEquals(200, renewed.status(), renewed.text());
    assertEquals(20_000, renewed.json().get("expires_in_ms").asInt());
    assertEquals(409, release("a", token + 1).status());
    assertEquals(200, release("a", token).status());
    assertEquals(200, release("a", token).status(), "releasing what was released is fine");
    assertEquals("free", lock("a").get("state").asText());
    long next = acquire("a", "{}").json().get("token").asLong();
    assertTrue(next > token, "tokens rise");
    JsonNode refused = http.post("/v1/locks/a:renew", "{\"token\":" + token + "}").json();
    assertEquals("not-holder", refused.get("code").asText());
    assertEquals(next, refused.get("holder").get("token").asLong());
  }

  @Test
  void aTryOnAHeldLockNamesTheHolder() throws Exception {
    long token = acquire("b", "{\"ttl\":\"10s\",\"owner\":\"first\"}").json().get("token").asLong();
    Response refused = acquire("b", "{}");
    assertEquals(423, refused.status());
    JsonNode problem = refused.json();
    assertEquals("lock-held", problem.get("code").asText());
    assertEquals("held", problem.get("reason").asText());
    assertEquals("first", problem.get("holder").get("owner").asText());
    assertEquals(token, problem.get("holder").get("token").asLong());
    long retry = problem.get("retry_after_ms").asLong();
    assertTrue(retry > 5_000 && retry <= 10_001, "retry after " + retry);
    assertEquals((retry + 999) / 1_000, Long.parseLong(refused.header("Retry-After")));
  }

  @Test
  void waitersAreServedInTheOrderInWhichTheyCame() throws Exception {
    long token = acquire("q", "{}").json().get("token").asLong();
    List<Http.Connection> waiters = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      waiters.add(beginAcquire("q", "{\"wait\":\"20s\",\"owner\":\"w" + i + "\"}"));
      awaitQueue("q", i + 1);
    }
    assertEquals("w3", lock("q").get("queue").get(3).get("owner").asText());
    for (Http.Connection waiter : waiters) {
      assertEquals(200, release("q", token).status());
      Response granted = waiter.answer(false);
      assertEquals(200, granted.status(), granted.text());
      long next = granted.json().get("token").asLong();
      assertTrue(next > token, "tokens rise");
      assertEquals(15_000, granted.json().get("expires_in_ms").asInt());
      token = next;
      waiter.close();
    }
    assertEquals(0, lock("q").get("queue_length").asInt());
  }

  @Test
  void aWaitThatPassesGivesThePlaceUp() throws Exception {
    long token = acquire("p", "{\"owner\":\"first\"}").json().get("token").asLong();
    Response passed = acquire("p", "{\"wait\":\"300ms\"}");
    assertEquals(423, passed.status(), passed.text());
    assertEquals("first", passed.json().get("holder").get("owner").asText());
    assertEquals("not_applied", passed.json().get("outcome").asText());
    awaitQueue("p", 0);
    release("p", token);
    assertEquals("free", lock("p").get("state").asText(), "no ghost is granted the lock");
  }

  /** What is said after a wait is said by the same rules as to who does not wait. */
  @Test
  void aRefusalSaysWhetherOthersWaitAndWhenToComeAgain() throws Exception {
    long token = acquire("r", "{\"ttl\":\"60s\"}").json().get("token").asLong();
    JsonNode alone = acquire("r", "{\"wait\":\"50ms\"}").json();
    assertEquals("held", alone.get("reason").asText());
    assertEquals(0, alone.get("queue_length").asInt());
    try (Http.Connection other = beginAcquire("r", "{\"wait\":\"30s\"}")) {
      awaitQueue("r", 1);
      for (String body : List.of("{}", "{\"wait\":\"50ms\"}")) {
        JsonNode refused = acquire("r", body).json();
        assertEquals("queued", refused.get("reason").asText(), body);
        assertEquals(1, refused.get("queue_length").asInt(), body);
        // The holder's lease still runs at its last millisecond.
        long left = refused.get("expires_in_ms").asLong();
        assertEquals(left + 1, refused.get("retry_after_ms").asLong(), body);
      }
      release("r", token);
      assertEquals(200, other.answer(false).status(), "who was asked to come again took no place");
    }
  }

  @Test
  void aConnectionThatClosesLeavesTheQueue() throws Exception {
    long token = acquire("c", "{}").json().get("token").asLong();
    Http.Connection gone = beginAcquire("c", "{\"wait\":\"30s\"}");
    try (Http.Connection stays = beginAcquire("c", "{\"wait\":\"30s\",\"owner\":\"stays\"}")) {
      awaitQueue("c", 2);
      gone.close();
      awaitQueue("c", 1);
      release("c", token);
      assertEquals(200, stays.answer(false).status());
      assertEquals("stays", lock("c").get("owner").asText());
    }
    Waiting.until("no wait is left", () -> node.coordinator.figures().lockWaits() == 0);
  }

  @Test
  void aGrantThatNobodyWaitsForIsReleased() throws Exception {
    Runnable resume = node.pauseApplying();
    for (int i = 0; i < 3; i++) {
      beginAcquire("ghost", "{\"ttl\":\"60s\",\"wait\":\"30s\"}").close();
    }
    beginAcquire("kept", "{\"ttl\":\"60s\"}", "Idempotency-Key: kept").close();
    Waiting.until("all came in", () -> node.coordinator.figures().lockWaits() == 4);
    Waiting.until("all are gone", () -> node.http.figures().connections() == 0);
    resume.run();
    Waiting.until("every wait is over", () -> node.coordinator.figures().lockWaits() == 0);
    assertEquals("free", lock("ghost").get("state").asText());
    assertTrue(lock("ghost").get("queue").isEmpty(), "nobody is left in the queue");
    assertEquals("held", lock("kept").get("state").asText(), "a retry may ask for it");
  }

  @Test
  void withAKeyThePlaceOutlivesItsConnectionAndARetryTakesItUp() throws Exception {
    long token = acquire("k", "{}").json().get("token").asLong();
    String body = "{\"wait\":\"30s\",\"owner\":\"keyed\"}";
    Http.Connection dropped = beginAcquire("k", body, "Idempotency-Key: job-1");
    awaitQueue("k", 1);
    dropped.close();
    try (Http.Connection other = beginAcquire("k", "{\"wait\":\"30s\",\"owner\":\"other\"}")) {
      awaitQueue("k", 2);
      try (Http.Connection retry = beginAcquire("k", body, "Idempotency-Key: \"job-1\"")) {
        release("k", token);
        Response granted = retry.answer(false);
        assertEquals(200, granted.status(), granted.text());
        long mine = granted.json().get("token").asLong();
        assertEquals("keyed", lock("k").get("owner").asText());
        Response replayed = acquire("k", body, "Idempotency-Key: job-1");
        assertEquals(200, replayed.status());
        assertEquals("true", replayed.header("Idempotency-Replayed"));
        assertEquals(mine, replayed.json().get("token").asLong(), "never a second grant");
        release("k", mine);
        assertEquals(200, other.answer(false).status());
      }
    }
  }

  @Test
  void aLeaseHoldsSeveralLocksAndItsEndFreesThem() throws Exception {
    String lease = http.post("/v1/leases", "{\"ttl\":\"60s\"}").json().get("id").asText();
    String body = "{\"lease\":\"" + lease + "\"}";
    long token = acquire("l1", body).json().get("token").asLong();
    assertEquals(200, acquire("l2", body).status());
    assertEquals(token, acquire("l1", body).json().get("token").asLong(), "it gets its grant back");
    try (Http.Connection waiter = beginAcquire("l1", "{\"wait\":\"20s\"}")) {
      awaitQueue("l1", 1);
      assertEquals(200, http.delete("/v1/leases/" + lease).status());
      assertEquals(200, waiter.answer(false).status());
    }
    assertEquals("free", lock("l2").get("state").asText());
    assertEquals(200, release("l1", token).status(), "its holder ended it himself");
    assertEquals(410, acquire("l2", body).status());
  }

  @Test
  void anExpiredHolderIsFollowedByTheNextAndItsTokenIsStale() throws Exception {
    long token = acquire("e", "{\"ttl\":\"1s\"}").json().get("token").asLong();
    assertEquals(201, guarded("e", token).status());
    long asked = System.nanoTime();
    Response next = acquire("e", "{\"wait\":\"10s\"}");
    long waited = (System.nanoTime() - asked) / 1_000_000;
    assertEquals(200, next.status(), next.text());
    assertTrue(waited < 5_000, "waited " + waited + " ms for a lease of 1 s");
    Response stale = guarded("e", token);
    assertEquals(412, stale.status());
    assertEquals("stale-token", stale.json().get("code").asText());
    long current = next.json().get("token").asLong();
    assertEquals(current, stale.json().get("current").get("token").asLong());
    assertEquals(200, guarded("e", current).status());
    Response lost = release("e", token);
    assertEquals(409, lost.status());
    assertEquals("grant-lost", lost.json().get("code").asText());
  }

  private Response guarded(String lock, long token) throws Exception {
    return http.put("/v1/kv/jobs/last", "done", "If-Lock: " + lock + ";token=" + token);
  }

  @Test
  void aStoppingNodeEndsWaits() throws Exception {
    acquire("s", "{\"ttl\":\"60s\"}");
    try (Http.Connection waiter = beginAcquire("s", "{\"wait\":\"30s\"}")) {
      awaitQueue("s", 1);
      node.closeHttp();
      Response ended = waiter.answer(false);
      assertEquals(503, ended.status());
      assertEquals("shutting-down", ended.json().get("code").asText());
    }
    assertNull(
        node.coordinator.view().lock(io.lockstep.raft.bytes.Bytes.utf8("s"), 9).queue().stream()
            .findFirst()
            .orElse(null));
  }

  @Test
  void namesMayHoldSlashesAndColons() throws Exception {
    assertEquals(200, acquire("a/b%3Ac", "{}").status());
    assertEquals("a/b:c", lock("a/b%3Ac").get("name").asText());
    assertEquals("a/b:c", lock("a/b:c").get("name").asText());
    assertEquals(
        200, http.post("/v1/locks/x:y?verb=acquire", "{}").status(), "a verb may be a parameter");
    assertEquals("held", lock("x:y").get("state").asText());
  }
}
