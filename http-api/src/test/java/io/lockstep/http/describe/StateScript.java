package io.lockstep.http.describe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockstep.http.fixture.Compaction;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import java.io.IOException;
import java.util.Base64;

/** Leads a lone node through the answers that depend on its state. */
final class StateScript {
  private static final String NO_LEASE = "0000000000000001ffff";
  private static final String SOON = "Request-Timeout: 100ms";

  private final Contract contract;
  private final TestNode node;
  private final Http http;
  private String ended = "";

  StateScript(Contract contract, TestNode node) {
    this.contract = contract;
    this.node = node;
    this.http = node.client();
  }

  void run() throws Exception {
    leases();
    keys("app/config", "/v1/kv/app/config?");
    keys("b64/config", "/v1/kv?key_b64=" + base64("b64/config") + "&");
    byPath();
    byBase64();
    transactions();
    counters();
    locks();
    together();
    semaphores();
    elections();
    fencesAndLatches();
    periods();
    sequences();
    requests();
    signatures();
    watches();
    operations();
    past();
    full();
  }

  private Response ask(int status, String method, String target, String body, String... headers)
      throws IOException {
    return contract.ask(http, status, method, target, body, headers);
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }

  private void leases() throws IOException {
    String lease = grant("15s");
    ended = grant("15s");
    ask(200, "POST", "/v1/leases/" + lease + ":renew", "");
    ask(201, "PUT", "/v1/kv/on-lease?lease=" + lease, "x");
    ask(200, "PUT", "/v1/kv/on-lease?lease=" + lease, "x");
    ask(200, "GET", "/v1/leases/" + lease + "?attached", "");
    ask(200, "GET", "/v1/leases/" + lease + "?consistency=stale", "");
    ask(200, "GET", "/v1/leases?limit=1", "");
    ask(200, "GET", "/v1/leases?label=host=db1", "");
    ask(200, "DELETE", "/v1/leases/" + ended, "");
    for (String verb : new String[] {"GET ", "DELETE ", "POST :renew"}) {
      String method = verb.substring(0, verb.indexOf(' '));
      String suffix = verb.substring(verb.indexOf(' ') + 1);
      ask(410, method, "/v1/leases/" + ended + suffix, "");
      ask(404, method, "/v1/leases/" + NO_LEASE + suffix, "");
    }
    String ids = "[\"" + lease + "\",\"" + ended + "\",\"" + NO_LEASE + "\"]";
    ask(200, "POST", "/v1/leases:renew", "{\"ids\":" + ids + "}");
    ask(504, "GET", "/v1/leases?min_revision=99999", "", SOON);
    ask(504, "GET", "/v1/leases/" + lease + "?min_revision=99999", "", SOON);
  }

  private String grant(String ttl) throws IOException {
    String body = "{\"ttl\":\"" + ttl + "\",\"labels\":{\"host\":\"db1\"}}";
    return ask(201, "POST", "/v1/leases", body).json().get("id").asText();
  }

  /** What both ways of naming a key have in common. */
  private void keys(String key, String at) throws IOException {
    ask(201, "PUT", at, "blue");
    Response put = ask(200, "PUT", at, "green");
    ask(200, "GET", at, "");
    ask(200, "HEAD", at, "");
    ask(200, "GET", at + "raw", "");
    ask(200, "GET", at + "prefix", "");
    ask(200, "GET", at + "prefix", "", "Accept: application/x-ndjson");
    ask(200, "GET", at + "keys&delimiter=/", "");
    ask(200, "GET", at + "consistency=stale", "");
    ask(200, "GET", at + "max_staleness=1h", "");
    ask(504, "GET", at + "min_revision=99999", "", SOON);
    ask(204, "GET", at + "since=" + put.header("Lockstep-Revision"), "");
    ask(304, "GET", at, "", "If-None-Match: *");
    ask(412, "GET", at, "", "If-Match: \"1\"");
    ask(422, "GET", at + "at_revision=99999", "");
    ask(404, "PUT", at + "lease=" + NO_LEASE, "x");
    ask(410, "PUT", at + "lease=" + ended, "x");
    ask(412, "PUT", at + "if_revision=1", "x");
    ask(412, "PUT", at + "if_revision=1&return=current", "x");
    ask(412, "PUT", at, "x", "If-None-Match: *");
    ask(412, "PUT", at, "x", "If-Lock: backup;token=7");
    ask(422, "PUT", at + "ttl=1ms", "x");
    ask(412, "DELETE", at + "if_revision=1", "");
    ask(200, "DELETE", at, "");
    ask(404, "GET", at, "");
    ask(404, "GET", at + "consistency=stale", "");
    ask(404, "DELETE", at, "");
    ask(412, "PUT", at, "x", "If-Match: *");
    ask(201, "PUT", at + "ttl=1h", "\u0000bytes", "Idempotency-Key: put-" + key);
    ask(201, "PUT", at + "ttl=1h", "\u0000bytes", "Idempotency-Key: put-" + key);
    ask(422, "PUT", at + "ttl=1h", "other", "Idempotency-Key: put-" + key);
    ask(200, "DELETE", at + "prefix", "");
  }

  private void byPath() throws IOException {
    http.put("/v1/kv/sessions/ann?ttl=1h", "x");
    http.put("/v1/kv/for-ever", "x");
    ask(200, "POST", "/v1/touch/sessions/ann", "");
    ask(404, "POST", "/v1/touch/sessions/bob", "");
    ask(409, "POST", "/v1/touch/for-ever", "");
    ask(422, "DELETE", "/v1/kv/" + "k".repeat(1025), "");
    http.call("PUT", "/v1/kv/%ff%fe", new byte[] {(byte) 0xff});
    ask(200, "GET", "/v1/kv/%ff%fe", "");
    ask(200, "GET", "/v1/kv/%ff?keys", "");
    ask(200, "GET", "/v1/kv/%ff?prefix", "");
    ask(200, "PUT", "/v1/kv/%ff%fe", "x", "Content-Type: application/json");
    ask(200, "GET", "/v1/kv/%ff%fe", "");
  }

  private void byBase64() throws IOException {
    ask(200, "POST", "/v1/touch?key_b64=" + base64("sessions/ann"), "");
    ask(404, "POST", "/v1/touch?key_b64=" + base64("sessions/bob"), "");
    ask(409, "POST", "/v1/touch?key_b64=" + base64("for-ever"), "");
    ask(422, "DELETE", "/v1/kv?prefix", "");
  }

  private void transactions() throws IOException {
    String steps =
        "{\"if\":[{\"key\":\"none\",\"exists\":false},{\"prefix\":\"none/\",\"empty\":true},"
            + "{\"fence\":\"none\",\"token\":0},{\"lease\":\""
            + ended
            + "\",\"alive\":false}],"
            + "\"then\":[{\"put\":\"t/a\",\"value\":\"x\"},"
            + "{\"put\":\"t/b\",\"value\":\"y\",\"ttl\":\"1h\"},"
            + "{\"add\":\"t/n\",\"delta\":5},{\"get\":\"t/a\"},{\"get\":\"none\"},"
            + "{\"get\":\"t/\",\"prefix\":true},{\"get\":\"t/\",\"prefix\":true,\"keys\":true},"
            + "{\"delete\":\"t/c\"},{\"delete\":\"u/\",\"prefix\":true}],"
            + "\"else\":[{\"get\":\"t/a\"}]}";
    ask(200, "POST", "/v1/txn", steps, "Idempotency-Key: txn-1");
    ask(200, "POST", "/v1/txn", steps, "Idempotency-Key: txn-1");
    String never = "{\"if\":[{\"key\":\"none\",\"exists\":true}],";
    ask(200, "POST", "/v1/txn", never + "\"then\":[],\"else\":[{\"get\":\"t/a\"}]}");
    ask(409, "POST", "/v1/txn", never + "\"then\":[]}");
    ask(409, "POST", "/v1/txn", "{\"then\":[{\"add\":\"t/a\",\"delta\":1}]}");
    String put = "{\"then\":[{\"put\":\"a\",\"value\":\"x\",\"lease\":\"";
    ask(404, "POST", "/v1/txn", put + NO_LEASE + "\"}]}");
    ask(410, "POST", "/v1/txn", put + ended + "\"}]}");
    ask(412, "POST", "/v1/txn", "{\"then\":[]}", "If-Lock: backup;token=7");
    String twice = "{\"put\":\"a\",\"value\":\"x\"}";
    ask(422, "POST", "/v1/txn", "{\"then\":[" + twice + "," + twice + "]}");
  }

  private void counters() throws IOException {
    String add = "/v1/counters/hits:add";
    ask(200, "POST", add, "{\"delta\":5}");
    ask(412, "POST", add + "?if_revision=1", "{\"delta\":5}");
    ask(422, "POST", add, "{\"delta\":\"" + Long.MAX_VALUE + "\"}");
    ask(409, "POST", "/v1/counters/t/a:add", "{\"delta\":5}");
  }

  private void locks() throws Exception {
    String lock = "/v1/locks/backup";
    ask(200, "GET", lock, "");
    Response grant = ask(200, "POST", lock + ":acquire", "{\"ttl\":\"1h\",\"owner\":\"a\"}");
    String token = "{\"token\":" + grant.json().get("token").asLong() + "}";
    String lease = "{\"lease\":" + grant.json().get("lease") + "}";
    ask(423, "POST", lock + ":acquire", "{}");
    ask(409, "POST", lock + ":acquire", "{\"mode\":\"shared\"," + lease.substring(1));
    ask(404, "POST", lock + ":acquire", "{\"lease\":\"" + NO_LEASE + "\"}");
    ask(410, "POST", lock + ":acquire", "{\"lease\":\"" + ended + "\"}");
    holder(lock, "release", token, lease);
    tickets(lock, ":acquire");
    ask(409, "DELETE", lock + "?force=true&reason=x&token=7", "");
    ask(200, "GET", lock + "?history", "");
    try (Http.Connection waiter = http.connect()) {
      waiter.send("POST", lock + ":acquire", "{\"wait\":\"10s\"}".getBytes(UTF_8));
      Waiting.until("it waits", () -> http.get(lock).json().get("queue_length").asInt() == 1);
      ask(200, "GET", lock, "");
      ask(200, "POST", lock + ":release", token);
      contract.expect(200, "POST", lock + ":acquire", waiter.answer(false));
    }
    ask(200, "POST", lock + ":release", token);
    for (int i = 0; i < 2; i++) {
      ask(200, "POST", "/v1/locks/many:acquire", "{\"mode\":\"shared\"}");
    }
    ask(200, "GET", "/v1/locks/many", "");
    ask(200, "DELETE", "/v1/locks/many?force=true&reason=x", "");
    ask(200, "GET", "/v1/locks/many?history", "");
    ask(504, "GET", lock + "?min_revision=99999", "", SOON);
    ask(422, "GET", "/v1/locks/" + "k".repeat(1025), "");
  }

  /** Several locks at once. */
  private void together() throws IOException {
    String acquire = "/v1/locks:acquire";
    String names = "{\"names\":[\"x\",\"y\"]";
    Response grant = ask(200, "POST", acquire, names + ",\"ttl\":\"1h\"}");
    String lease = ",\"lease\":" + grant.json().get("lease") + "}";
    ask(200, "POST", acquire, names + lease);
    ask(423, "POST", acquire, names + "}");
    ask(409, "POST", acquire, "{\"names\":[\"y\",\"z\"]" + lease);
    ask(404, "POST", acquire, names + ",\"lease\":\"" + NO_LEASE + "\"}");
    ask(410, "POST", acquire, names + ",\"lease\":\"" + ended + "\"}");
    ask(422, "POST", acquire, names + ",\"mode\":\"shared\"}");
    String kept = "{\"names\":[\"w\",\"x\"],\"keep\":true}";
    String ticket = ask(202, "POST", acquire, kept).header("Location");
    ask(202, "GET", ticket, "");
    ask(200, "GET", "/v1/locks/w", "");
    ask(423, "POST", "/v1/locks/w:acquire", "{}");
    ask(200, "DELETE", ticket, "");
    String token = "{\"token\":" + grant.json().get("token") + "}";
    ask(200, "POST", "/v1/locks/y:release", token);
  }

  /** Places in the queue of what is held. */
  private void tickets(String at, String verb) throws IOException {
    String unknown = at + "?ticket=t-0000000000000001ffffff";
    ask(404, "GET", unknown, "");
    ask(404, "DELETE", unknown, "");
    String ticket = ask(202, "POST", at + verb, "{\"keep\":true}").header("Location");
    ask(202, "GET", ticket, "");
    try (Http.Connection connection = http.connect()) {
      connection.send("GET", ticket, new byte[0], "Accept: text/event-stream");
      contract.expect(200, "GET", ticket, connection.head());
    }
    ask(200, "DELETE", ticket, "");
    ask(410, "DELETE", ticket, "");
    ask(410, "GET", ticket, "");
  }

  private void semaphores() throws Exception {
    String semaphore = "/v1/semaphores/api";
    ask(200, "GET", semaphore, "");
    String acquire = semaphore + ":acquire";
    Response grant = ask(200, "POST", acquire, "{\"permits\":2,\"limit\":2,\"ttl\":\"1h\"}");
    String token = "{\"token\":" + grant.json().get("token").asLong() + "}";
    String lease = "{\"lease\":" + grant.json().get("lease") + "}";
    ask(423, "POST", acquire, "{\"limit\":2}");
    ask(409, "POST", acquire, "{\"limit\":3}");
    ask(404, "POST", acquire, "{\"limit\":2,\"lease\":\"" + NO_LEASE + "\"}");
    ask(410, "POST", acquire, "{\"limit\":2,\"lease\":\"" + ended + "\"}");
    holder(semaphore, "release", token, lease);
    try (Http.Connection waiter = http.connect()) {
      waiter.send("POST", acquire, "{\"limit\":2,\"wait\":\"10s\"}".getBytes(UTF_8));
      Waiting.until("it waits", () -> http.get(semaphore).json().get("queue_length").asInt() == 1);
      ask(200, "GET", semaphore, "");
      ask(200, "POST", semaphore + ":release", lease);
      contract.expect(200, "POST", acquire, waiter.answer(false));
    }
    ask(504, "GET", semaphore + "?min_revision=99999", "", SOON);
    ask(422, "GET", "/v1/semaphores/" + "k".repeat(1025), "");
  }

  /** What a lock's holder and an election's winner have in common. */
  private void holder(String at, String giveBack, String token, String lease) throws IOException {
    ask(200, "POST", at + ":renew", token);
    ask(200, "POST", at + ":renew", lease);
    ask(404, "POST", at + ":renew", "{\"lease\":\"" + NO_LEASE + "\"}");
    ask(410, "POST", at + ":renew", "{\"lease\":\"" + ended + "\"}");
    ask(409, "POST", at + ":renew", "{\"token\":7}");
    ask(409, "POST", at + ":" + giveBack, "{\"token\":7}");
  }

  private void elections() throws Exception {
    String election = "/v1/elections/scheduler";
    ask(404, "GET", election, "");
    String first = "{\"ttl\":\"1h\",\"value\":\"http://a\",\"owner\":\"n1\",\"priority\":1}";
    Response won = ask(200, "POST", election + ":campaign", first);
    long token = won.json().get("token").asLong();
    String right = "{\"token\":" + token;
    String lease = "{\"lease\":" + won.json().get("lease") + "}";
    ask(423, "POST", election + ":campaign", "{}");
    ask(404, "POST", election + ":campaign", "{\"lease\":\"" + NO_LEASE + "\"}");
    ask(410, "POST", election + ":campaign", "{\"lease\":\"" + ended + "\"}");
    holder(election, "resign", right + "}", lease);
    tickets(election, ":campaign");
    ask(200, "POST", election + ":proclaim", right + ",\"value\":\"http://b\"}");
    ask(409, "POST", election + ":proclaim", "{\"token\":7,\"value\":\"\"}");
    ask(404, "POST", election + ":transfer", right + ",\"to\":\"n2\"}");
    ask(409, "POST", election + ":transfer", "{\"token\":7,\"to\":\"n2\"}");
    try (Http.Connection candidate = http.connect()) {
      byte[] second = "{\"owner\":\"n2\",\"ttl\":\"1h\",\"wait\":\"10s\"}".getBytes(UTF_8);
      candidate.send("POST", election + ":campaign", second);
      Waiting.until("it stands", () -> http.get(election).json().get("queue_length").asInt() == 1);
      ask(200, "GET", election, "");
      ask(200, "POST", election + ":transfer", right + ",\"to\":\"n2\"}");
      Response elected = candidate.answer(false);
      contract.expect(200, "POST", election + ":campaign", elected);
      String resign = "{\"token\":" + elected.json().get("token").asLong() + "}";
      ask(200, "POST", election + ":resign", resign);
    }
    ask(504, "GET", election + "?min_revision=99999", "", SOON);
    ask(422, "GET", "/v1/elections/" + "k".repeat(1025), "");
  }

  /** What is signed for those who ask. */
  private void signatures() throws IOException {
    signature("/v1/locks/signed", "acquire", "release", "");
    signature("/v1/elections/signed", "campaign", "resign", "");
    signature("/v1/semaphores/signed", "acquire", "release", ",\"limit\":1");
    String keys = "/.well-known/jwks.json";
    ask(200, "GET", keys, "");
    ask(200, "GET", keys + "?consistency=stale", "");
    ask(504, "GET", keys + "?min_revision=99999", "", SOON);
  }

  private void signature(String at, String verb, String giveBack, String more) throws IOException {
    String signed = "\"signed\":true";
    Response grant = ask(200, "POST", at + ":" + verb, "{" + signed + more + "}");
    String token = "{\"token\":" + grant.json().get("token").asLong();
    ask(200, "POST", at + ":renew", token + "," + signed + "}");
    ask(200, "POST", at + ":" + giveBack, token + "}");
    String elsewhere = "{\"lease\":\"" + grant("15s") + "\",";
    ask(200, "POST", at + ":renew", elsewhere + signed + "}");
  }

  private void fencesAndLatches() throws IOException {
    String fence = "/v1/fences/s3-bucket";
    ask(200, "GET", fence, "");
    ask(200, "POST", fence + ":advance", "{\"token\":47}");
    ask(409, "POST", fence + ":advance", "{\"token\":46}");
    ask(504, "GET", fence + "?min_revision=99999", "", SOON);
    ask(422, "GET", "/v1/fences/" + "k".repeat(1025), "");
    String latch = "/v1/latches/ready";
    ask(404, "GET", latch, "");
    ask(404, "DELETE", latch, "");
    ask(202, "POST", latch + ":arrive", "{\"parties\":2,\"id\":\"w1\",\"wait\":\"1ms\"}");
    ask(200, "GET", latch, "");
    ask(200, "POST", latch + ":arrive", "{\"parties\":2,\"id\":\"w2\"}");
    ask(409, "POST", latch + ":arrive", "{\"parties\":3,\"id\":\"w3\"}");
    ask(200, "DELETE", latch, "");
    ask(504, "GET", latch + "?min_revision=99999", "", SOON);
    ask(422, "GET", "/v1/latches/" + "k".repeat(1025), "");
  }

  private void periods() throws IOException {
    String claim = "{\"period\":\"2026-11-21\",\"ttl\":\"1h\"}";
    Response claimed = ask(200, "POST", "/v1/once/nightly:claim", claim);
    ask(423, "POST", "/v1/once/nightly:claim", claim);
    String token = "{\"token\":" + claimed.json().get("token").asLong() + "}";
    ask(200, "POST", "/v1/once/nightly:done", token);
    ask(409, "POST", "/v1/once/nightly:claim", claim);
    ask(409, "POST", "/v1/once/nightly:done", "{\"token\":7}");
  }

  private void sequences() throws IOException {
    ask(200, "POST", "/v1/ids/order:next?count=3", "");
    ask(200, "POST", "/v1/ids/order:next?format=hlc", "", "Idempotency-Key: ids-1");
    String lease = "/v1/worker-ids/snowflake:lease";
    ask(200, "POST", lease, "{\"bits\":1}");
    ask(200, "POST", lease, "{\"bits\":1}");
    ask(429, "POST", lease, "{\"bits\":1}");
    ask(409, "POST", lease, "{\"bits\":10}");
  }

  private void requests() throws IOException {
    http.put("/v1/kv/refused?if_revision=1", "x", "Idempotency-Key: refused");
    http.post("/v1/locks/noted:acquire", "{}", "Idempotency-Key: noted");
    ask(200, "GET", "/v1/requests/put-app/config", "");
    ask(200, "GET", "/v1/requests/refused", "");
    ask(200, "GET", "/v1/requests/noted", "");
    ask(404, "GET", "/v1/requests/never", "");
    ask(504, "GET", "/v1/requests/never?min_revision=99999", "", SOON);
  }

  private void watches() throws IOException {
    for (String target :
        new String[] {
          "/v1/watch/app/?prefix&initial",
          "/v1/watch/backup?kind=lock",
          "/v1/watch/app/?prefix&from=3",
          "/v1/watch?key_b64=YQ"
        }) {
      for (String accept : new String[] {"text/event-stream", "application/x-ndjson"}) {
        try (Http.Connection connection = http.connect()) {
          connection.send("GET", target, new byte[0], "Accept: " + accept);
          contract.expect(200, "GET", target, connection.head());
        }
      }
    }
    String one = "{\"id\":\"a\",\"key\":\"app\"}";
    many(200, "{\"watches\":[" + one + "]}");
    many(422, "{\"watches\":[{\"id\":\"a\",\"key\":\"" + "k".repeat(1025) + "\"}]}");
    ask(422, "GET", "/v1/watch", "");
    ask(422, "GET", "/v1/watch/" + "k".repeat(1025), "");
  }

  private void many(int status, String body) throws IOException {
    try (Http.Connection connection = http.connect()) {
      connection.send("POST", "/v1/watch", body.getBytes(UTF_8));
      contract.expect(status, "POST", "/v1/watch", connection.answerOrStreamHead(false));
    }
  }

  private void operations() throws IOException {
    ask(409, "DELETE", "/v1/cluster/members/n1", "");
    for (String target :
        new String[] {
          "/livez",
          "/readyz",
          "/readyz?verbose",
          "/metrics",
          "/v1/backup",
          "/openapi.json",
          "/docs",
          "/docs/swagger-ui.css",
          "/v1/problems",
          "/v1/problems/lock-held",
          "/v1/cluster",
          "/v1/cluster?verbose"
        }) {
      ask(200, "GET", target, "");
      ask(200, "HEAD", target, "");
    }
    ask(404, "GET", "/docs/nothing", "");
    ask(404, "GET", "/v1/problems/nothing", "");
  }

  private void past() throws IOException {
    Compaction.keepRevisions(node, 1);
    Compaction.compactTo(node, node.coordinator.view().revision() - 2);
    ask(410, "GET", "/v1/kv/for-ever?at_revision=2", "");
    ask(410, "GET", "/v1/kv?key_b64=YQ&at_revision=2", "");
    ask(410, "GET", "/v1/watch/for-ever?from=2", "");
    ask(410, "GET", "/v1/watch?key_b64=YQ&from=2", "");
  }

  /** What makes the state grow is refused at the quota, and nothing else is. */
  private void full() throws IOException {
    Response won = ask(200, "POST", "/v1/elections/many:campaign", "{}");
    String token = "{\"token\":" + won.json().get("token").asLong();
    Compaction.quota(node, 1);
    ask(507, "POST", "/v1/elections/many:proclaim", token + ",\"value\":\"http://b\"}");
    ask(507, "POST", "/v1/elections/more:campaign", "{}");
    ask(507, "PUT", "/v1/kv/more", "x");
    ask(507, "PUT", "/v1/kv?key_b64=bW9yZQ", "x");
    ask(507, "POST", "/v1/txn", "{\"then\":[{\"put\":\"more\",\"value\":\"x\"}]}");
    ask(507, "POST", "/v1/counters/more:add", "{\"delta\":5}");
    ask(507, "POST", "/v1/leases", "{}");
    ask(507, "POST", "/v1/locks/more:acquire", "{}");
    ask(507, "POST", "/v1/locks:acquire", "{\"names\":[\"more\",\"much\"]}");
    ask(507, "POST", "/v1/semaphores/more:acquire", "{\"limit\":2}");
    ask(507, "POST", "/v1/fences/more:advance", "{\"token\":47}");
    ask(507, "POST", "/v1/latches/more:arrive", "{\"parties\":2,\"id\":\"w1\"}");
    ask(507, "POST", "/v1/once/more:claim", "{\"period\":\"p\"}");
    ask(507, "POST", "/v1/ids/more:next", "");
    ask(507, "POST", "/v1/worker-ids/more:lease", "{\"bits\":10}");
    ask(200, "DELETE", "/v1/kv/for-ever", "");
  }
}
