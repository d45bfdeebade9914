package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.LoneNode;
import io.lockstep.http.fixture.Waiting;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Locks that stay closed after an expiry, over the wire. */
class LockDelayTest {
  private static final long HOUR_MILLIS = 3_600_000;

  @RegisterExtension static final LoneNode LONE = LoneNode.standard().anew();

  private Response acquire(String body) throws Exception {
    return LONE.http().post("/v1/locks/a:acquire", body);
  }

  private JsonNode lock() throws Exception {
    return LONE.http().get("/v1/locks/a").json();
  }

  private void closeByExpiry() throws Exception {
    assertEquals(200, acquire("{\"ttl\":\"1s\",\"lock_delay\":\"1h\"}").status());
    Waiting.until("it is closed", () -> lock().get("state").asText().equals("lock-delay"));
  }

  @Test
  void anExpiredHoldersLockIsClosedUntilItIsForcedOpen() throws Exception {
    closeByExpiry();
    long opensIn = lock().get("opens_in_ms").asLong();
    assertTrue(opensIn > HOUR_MILLIS - 60_000 && opensIn <= HOUR_MILLIS + 1, "in " + opensIn);
    Response refused = acquire("{}");
    assertEquals(423, refused.status(), refused.text());
    assertEquals("lock-delay", refused.json().get("reason").asText());
    assertFalse(refused.json().has("holder"));
    long retry = refused.json().get("retry_after_ms").asLong();
    assertTrue(retry > HOUR_MILLIS - 60_000 && retry <= opensIn, "after " + retry);
    Response passed = acquire("{\"wait\":\"50ms\"}");
    assertEquals(423, passed.status(), passed.text());
    assertEquals("lock-delay", passed.json().get("reason").asText());
    assertTrue(passed.json().get("retry_after_ms").asLong() <= retry);
    try (Http.Connection waiting = LONE.http().connect()) {
      byte[] body = "{\"wait\":\"20s\"}".getBytes(StandardCharsets.UTF_8);
      waiting.send("POST", "/v1/locks/a:acquire", body);
      Waiting.until("it waits", () -> lock().get("queue_length").asInt() == 1);
      Response forced =
          LONE.http().call("DELETE", "/v1/locks/a?force=true&reason=known+dead", new byte[0]);
      assertEquals(200, forced.status(), forced.text());
      assertEquals(0, forced.json().get("holders").asInt());
      assertEquals(200, waiting.answer(false).status());
    }
  }

  @Test
  void aReleaseOpensAtOnce() throws Exception {
    JsonNode held = acquire("{\"ttl\":\"1h\",\"lock_delay\":\"1h\"}").json();
    LONE.http().post("/v1/locks/a:release", "{\"token\":" + held.get("token") + "}");
    assertEquals("free", lock().get("state").asText());
    assertEquals(200, acquire("{}").status());
  }

  @Test
  void anOfficeStaysVacant() throws Exception {
    String campaign = "/v1/elections/a:campaign";
    LONE.http().post(campaign, "{\"ttl\":\"1s\",\"lock_delay\":\"1h\"}");
    Waiting.until("its term is over", () -> LONE.http().get("/v1/elections/a").status() == 404);
    Response refused = LONE.http().post(campaign, "{}");
    assertEquals(423, refused.status(), refused.text());
    assertEquals("lock-delay", refused.json().get("reason").asText());
  }

  @Test
  void delaysHaveBounds() throws Exception {
    assertEquals(422, acquire("{\"lock_delay\":\"61m\"}").status());
    assertEquals(400, acquire("{\"lock_delay\":5}").status());
    assertEquals(400, acquire("{\"lock_delay\":\"-1s\"}").status());
    String permits = "{\"limit\":1,\"lock_delay\":\"1s\"}";
    assertEquals(400, LONE.http().post("/v1/semaphores/a:acquire", permits).status());
  }
}
