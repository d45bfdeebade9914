package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Trio;
import io.lockstep.http.fixture.Waiting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads as new as they ask for, on a node that keeps up and on one that is cut off. */
@Timeout(60)
class ConsistencyTest {
  private static final String LABEL = "Lockstep-Consistency";
  private static final String AGE = "Lockstep-Staleness-Ms";
  private final Trio trio = new Trio();
  private final TestNode leader = trio.leader;
  private final TestNode follower = trio.follower;
  private final Http near = follower.client();

  @AfterEach
  void stop() {
    trio.close();
  }

  private long put(String key, String value) throws Exception {
    Response put = leader.client().put("/v1/kv/" + key, value);
    assertTrue(put.status() < 300, put.text());
    return put.json().get("revision").asLong();
  }

  /** Writes, and waits until the follower has it. */
  private long spread(String key, String value) throws Exception {
    long revision = put(key, value);
    Waiting.until("it has arrived", () -> follower.coordinator.view().revision() >= revision);
    return revision;
  }

  private static long age(Response response) {
    return Long.parseLong(response.header(AGE));
  }

  @Test
  void aReaderSeesItsOwnWriteOnAnyNode() throws Exception {
    for (int i = 0; i < 50; i++) {
      long revision = put("mine", "v" + i);
      for (TestNode node : trio.nodes) {
        Response read = node.client().get("/v1/kv/mine?min_revision=" + revision);
        assertEquals(200, read.status(), read.text());
        assertEquals("v" + i, read.json().get("value").asText());
        assertEquals("min_revision", read.header(LABEL));
        assertTrue(Long.parseLong(read.header("Lockstep-Revision")) >= revision);
      }
    }
  }

  @Test
  void aReadWaitsForARevisionThatIsOnItsWay() throws Exception {
    long revision = spread("w", "x");
    try (Http.Connection waiting = near.connect()) {
      waiting.send("GET", "/v1/kv/w?min_revision=" + (revision + 1), new byte[0]);
      Waiting.until("it waits", () -> follower.coordinator.figures().reads() == 1);
      put("w", "y");
      Response read = waiting.answer(false);
      assertEquals("y", read.json().get("value").asText());
      assertEquals(0, follower.coordinator.figures().reads());
    }
  }

  @Test
  void aRevisionThatDoesNotComeIsRefusedAtTheDeadline() throws Exception {
    long revision = put("r", "x");
    Response read = near.get("/v1/kv/r?min_revision=" + (revision + 100), "Request-Timeout: 200ms");
    JsonNode problem = read.json();
    assertEquals(504, read.status(), read.text());
    assertEquals("revision-not-reached", problem.get("code").asText());
    assertEquals("not_applied", problem.get("outcome").asText());
    assertEquals(revision + 100, problem.get("min_revision").asLong());
    assertTrue(problem.get("retryable").asBoolean());
  }

  @Test
  void whoIsCutOffStillKnowsHowLongAGrantIsSafe() throws Exception {
    Response taken =
        leader.client().post("/v1/locks/safe:acquire", "{\"ttl\":\"3s\",\"owner\":\"o\"}");
    long token = taken.json().get("token").asLong();
    near.get("/v1/locks/safe?min_revision=" + taken.json().get("revision").asLong());
    assertNull(near.get("/v1/locks/safe").json().get("safe_for_ms"), "asked for by nobody");
    trio.network.cutOff(follower.id);
    long seen = 0;
    long safe;
    do {
      long answered = System.nanoTime();
      safe = near.get("/v1/locks/safe?consistency=stale").json().get("safe_for_ms").asLong();
      assertTrue(safe <= 3_001, "not longer than the lease: " + safe);
      JsonNode there = leader.client().get("/v1/locks/safe").json();
      if (System.nanoTime() - answered < safe * 1_000_000) {
        assertEquals(token, there.path("token").asLong(), "safe for " + safe);
        seen++;
      }
    } while (safe > 0);
    assertTrue(seen > 0, "it was safe for a while");
    trio.network.rejoin(follower.id);
    Waiting.until(
        "it has ended",
        () -> near.get("/v1/locks/safe").json().get("state").asText().equals("free"));
  }

  @Test
  void aLinearizableReadHasNoLabel() throws Exception {
    put("l", "x");
    Response read = near.get("/v1/kv/l");
    assertEquals(200, read.status());
    assertNull(read.header(LABEL));
    assertNull(read.header(AGE));
  }

  @Test
  void aNodeThatIsCutOffServesWhatItHasAndSaysHowOldItIs() throws Exception {
    long revision = spread("cut/a", "before");
    Response fresh = near.get("/v1/kv/cut/a?max_staleness=5s");
    assertEquals("max_staleness", fresh.header(LABEL));
    assertTrue(age(fresh) <= 5_000, fresh.header(AGE));
    trio.network.cutOff(follower.id);
    put("cut/a", "after");
    Response stale = near.get("/v1/kv/cut/a?consistency=stale");
    assertEquals("before", stale.json().get("value").asText());
    assertEquals("stale", stale.header(LABEL));
    assertEquals(revision, Long.parseLong(stale.header("Lockstep-Revision")));
    Waiting.until(
        "it is too old", () -> near.get("/v1/kv/cut/a?max_staleness=300ms").status() == 503);
    Response refused = near.get("/v1/kv/cut/a?max_staleness=300ms");
    assertEquals("too-stale", refused.json().get("code").asText(), refused.text());
    assertTrue(refused.json().get("staleness_ms").asLong() > 300);
    assertTrue(age(refused) > 300);
    assertEquals("not_applied", refused.json().get("outcome").asText());
    assertFalse(refused.header("Retry-After").isEmpty());
    assertEquals(200, near.get("/v1/kv/cut/a?max_staleness=1h").status());
    assertTrue(age(near.get("/v1/kv/cut/a?consistency=stale")) > 300);
    assertEquals(200, near.get("/v1/kv/cut/a?min_revision=" + revision).status());
    assertEquals(
        504,
        near.get("/v1/kv/cut/a?min_revision=" + (revision + 1), "Request-Timeout: 200ms").status());
    trio.network.rejoin(follower.id);
    Waiting.until(
        "it is confirmed again",
        () -> near.get("/v1/kv/cut/a?max_staleness=1s").text().contains("after"));
  }

  @Test
  void anAbsenceThatIsReadWeaklyIsLabelledToo() throws Exception {
    spread("other", "x");
    Waiting.until("it was confirmed", () -> follower.coordinator.local().isConfirmed());
    trio.network.cutOff(follower.id);
    put("new", "x");
    Response absent = near.get("/v1/kv/new?consistency=stale");
    assertEquals(404, absent.status());
    assertEquals("stale", absent.header(LABEL));
    assertTrue(age(absent) >= 0);
    Response lease = near.get("/v1/leases/0000000000000001ffff?consistency=stale");
    assertEquals(404, lease.status());
    assertEquals("stale", lease.header(LABEL));
  }

  @Test
  void rangesLocksAndLeasesAreReadWeaklyToo() throws Exception {
    spread("p/a", "x");
    String lease =
        leader.client().post("/v1/leases", "{\"ttl\":\"60s\"}").json().get("id").asText();
    leader.client().post("/v1/locks/l:acquire", "{\"lease\":\"" + lease + "\"}");
    long revision = spread("p/b", "x");
    trio.network.cutOff(follower.id);
    for (String target :
        new String[] {"/v1/kv/p/?prefix", "/v1/kv/p/?keys", "/v1/locks/l", "/v1/leases/" + lease}) {
      String join = target.contains("?") ? "&" : "?";
      Response stale = near.get(target + join + "consistency=stale");
      assertEquals(200, stale.status(), stale.text());
      assertEquals("stale", stale.header(LABEL), target);
      Response session = near.get(target + join + "min_revision=" + revision);
      assertEquals(revision, session.json().path("revision").asLong(revision), target);
      assertEquals("min_revision", session.header(LABEL), target);
    }
    Response page = near.get("/v1/kv/p/?prefix&limit=1&consistency=stale&at_revision=" + revision);
    assertEquals(2, page.json().get("count").asInt(), page.text());
  }
}
