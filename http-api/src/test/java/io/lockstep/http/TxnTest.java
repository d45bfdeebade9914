package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.Http.Stream;
import io.lockstep.http.fixture.TestNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transactions and counters as clients see them. */
@Timeout(60)
class TxnTest {
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

  private Response txn(String body, String... headers) throws Exception {
    return http.post("/v1/txn", body.replace('\'', '"'), headers);
  }

  private static String without(JsonNode json, String... fields) {
    com.fasterxml.jackson.databind.node.ObjectNode copy = json.deepCopy();
    for (String field : fields) {
      copy.remove(field);
    }
    return copy.toString().replace('"', '\'');
  }

  @Test
  void theExampleOfTheManual() throws Exception {
    long revision = http.put("/v1/kv/a", "old").json().get("revision").asLong();
    http.put("/v1/kv/b", "x");
    String body =
        "{'if':[{'key':'a','mod_revision':%d}],".formatted(revision)
            + "'then':[{'put':'a','value':'x'},{'delete':'b'}],'else':[{'get':'a'}]}";
    Response done = txn(body);
    assertEquals(200, done.status(), done.text());
    JsonNode json = done.json();
    assertEquals("then", json.get("branch").asText());
    assertEquals(revision + 2, json.get("revision").asLong());
    assertEquals("" + (revision + 2), done.header("Lockstep-Revision"));
    JsonNode put = json.get("results").get(0);
    assertEquals(
        "{'put':'a','created':false,'create_revision':%d,'mod_revision':%d,'version':2}"
            .formatted(revision, revision + 2),
        without(put));
    assertEquals("{'delete':'b','deleted':1}", without(json.get("results").get(1)));
    Response other = txn(body);
    assertEquals("else", other.json().get("branch").asText());
    assertEquals(revision + 2, other.json().get("revision").asLong(), "a read advances nothing");
    JsonNode got = other.json().get("results").get(0);
    assertEquals(
        "{'get':'a','found':true,'value':'x'}",
        without(got, "create_revision", "mod_revision", "version"));
    assertEquals(404, http.get("/v1/kv/b").status());
  }

  @Test
  void falseConditionsWithoutElseAreAConflictThatNamesTheFirst() throws Exception {
    long revision = http.put("/v1/kv/a", "1").json().get("revision").asLong();
    Response refused =
        txn("{'if':[{'key':'a','exists':true},{'key':'b','exists':true}],'then':[{'delete':'a'}]}");
    assertEquals(409, refused.status());
    JsonNode problem = refused.json();
    assertEquals("conditions-false", problem.get("code").asText());
    assertEquals(1, problem.get("condition").asInt());
    assertEquals(revision, problem.get("revision").asLong());
    assertEquals("1", http.get("/v1/kv/a?raw").text());
  }

  @Test
  void everyStepHasItsResult() throws Exception {
    http.put("/v1/kv/p/1", "x");
    http.put("/v1/kv/p/2", "y");
    String lease = http.post("/v1/leases", "{}").json().get("id").asText();
    Response done =
        txn(
            "{'then':[{'put':'l','value':'v','lease':'%s','content_type':'text/x'},"
                    .formatted(lease)
                + "{'put_b64':'_w','value_base64':'/w=='},{'add':'n','delta':'-5'},"
                + "{'get':'p/','prefix':true,'limit':1},{'get':'p/','prefix':true,'keys':true},"
                + "{'get':'none'},{'delete':'none'},{'delete':'p/','prefix':true,'limit':1},"
                + "{'get':'l'}]}");
    assertEquals(200, done.status(), done.text());
    JsonNode results = done.json().get("results");
    assertEquals(lease, results.get(0).get("lease").asText());
    assertEquals("_w", results.get(1).get("put_b64").asText());
    assertEquals("-5", results.get(2).get("value").asText());
    JsonNode page = results.get(3);
    assertEquals("p/1", page.get("items").get(0).get("key").asText());
    assertEquals(2, page.get("count").asInt());
    assertTrue(page.get("more").asBoolean());
    assertEquals("['p/1','p/2']", results.get(4).get("keys").toString().replace('"', '\''));
    assertEquals("{'get':'none','found':false}", without(results.get(5)));
    assertEquals("{'delete':'none','deleted':0}", without(results.get(6)));
    assertEquals("{'delete':'p/','prefix':true,'deleted':1,'more':true}", without(results.get(7)));
    assertEquals("v", results.get(8).get("value").asText(), "a step sees those before it");
    assertEquals("text/x", results.get(8).get("content_type").asText());
  }

  @Test
  void aStepThatIsRefusedIsNamedAndNothingIsDone() throws Exception {
    http.put("/v1/kv/text", "abc");
    Response refused = txn("{'then':[{'put':'a','value':'1'},{'add':'text','delta':1}],'else':[]}");
    assertEquals(409, refused.status());
    JsonNode problem = refused.json();
    assertEquals("not-a-number", problem.get("code").asText());
    assertEquals("then", problem.get("branch").asText());
    assertEquals(1, problem.get("operation").asInt());
    assertEquals(404, http.get("/v1/kv/a").status());
  }

  @Test
  void aFieldIsNamedWithItsPlace() throws Exception {
    Response refused = txn("{'then':[{'get':'a'},{'put':'b','value':7}]}");
    assertEquals("then[1].value", refused.json().get("field").asText(), refused.text());
    Response unknown = txn("{'if':[{'key':'a','version':1,'x':1}],'then':[]}");
    assertEquals("if[0].x", unknown.json().get("field").asText(), unknown.text());
  }

  @Test
  void watchersSeeAllOfItInOneFrame() throws Exception {
    http.put("/v1/kv/w/gone", "x");
    try (Stream stream =
        new Stream(http.connect(), "/v1/watch/w/?prefix", "Accept: application/x-ndjson")) {
      stream.nextJson();
      long revision =
          txn("{'then':[{'put':'w/a','value':'1'},{'add':'w/n','delta':2},{'delete':'w/gone'}]}")
              .json()
              .get("revision")
              .asLong();
      JsonNode frame = stream.nextJson();
      assertEquals(revision, frame.get("revision").asLong());
      assertEquals(3, frame.get("events").size(), frame.toString());
    }
  }

  @Test
  void aRetryIsAnsweredAndNotDoneAgain() throws Exception {
    String body = "{'then':[{'add':'n','delta':1},{'get':'n'}]}";
    Response first = txn(body, "Idempotency-Key: t1");
    Response again = txn(body, "Idempotency-Key: t1");
    assertEquals(first.text(), again.text());
    assertEquals("true", again.header("Idempotency-Replayed"));
    assertEquals("1", http.get("/v1/kv/n?raw").text());
    assertEquals(422, txn("{'then':[]}", "Idempotency-Key: t1").status());
    assertEquals("applied", http.get("/v1/requests/t1").json().get("outcome").asText());
  }

  @Test
  void aLockGuardsATransactionAndIsACondition() throws Exception {
    long token = http.post("/v1/locks/l:acquire", "{\"ttl\":\"60s\"}").json().get("token").asLong();
    String body = "{'if':[{'lock':'l','token':%d}],'then':[{'put':'a','value':'1'}]}";
    assertEquals(200, txn(body.formatted(token)).status());
    assertEquals(409, txn(body.formatted(token - 1)).status());
    assertEquals(200, txn(body.formatted(token), "If-Lock: l;token=" + token).status());
    http.post("/v1/locks/l:release", "{\"token\":" + token + "}");
    assertEquals(412, txn(body.formatted(token), "If-Lock: l;token=" + token).status());
    assertEquals(409, txn(body.formatted(token)).status());
  }

  @Test
  void aCounterIsAddedToReadWatchedAndCompared() throws Exception {
    Response first = http.post("/v1/counters/hits:add", "{\"delta\":100}");
    assertEquals(200, first.status(), first.text());
    Response second = http.post("/v1/counters/hits:add", "{\"delta\":5}");
    assertEquals("105", second.json().get("value").asText());
    assertEquals(2, second.json().get("version").asInt());
    long revision = second.json().get("revision").asLong();
    assertEquals("\"" + revision + "\"", second.header("ETag"));
    assertEquals("105", http.get("/v1/kv/hits?raw").text());
    assertEquals("text/plain; charset=utf-8", http.get("/v1/kv/hits?raw").header("Content-Type"));
    String stale = "/v1/counters/hits:add?return=current";
    Response refused = http.post(stale, "{\"delta\":1}", "If-Match: \"" + (revision - 1) + "\"");
    assertEquals(412, refused.status());
    assertEquals("105", refused.json().get("current").get("value").asText());
    assertEquals(
        "7", http.post("/v1/counters/a%3Ab:add", "{\"delta\":\"7\"}").json().get("value").asText());
    assertEquals("7", http.get("/v1/kv/a:b?raw").text());
    assertFalse(http.get("/v1/kv/hits").json().has("content_type"));
  }
}
