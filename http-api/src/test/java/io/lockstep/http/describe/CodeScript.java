package io.lockstep.http.describe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.http.fixture.Compaction;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Leads a lone node to those codes that share their status with others. */
final class CodeScript {
  private static final String ALL = "";
  private static final String TOO_LONG = "k".repeat(1_025);

  private final Contract contract;
  private final TestNode node;
  private final Http http;

  CodeScript(Contract contract, TestNode node) {
    this.contract = contract;
    this.node = node;
    this.http = node.client();
  }

  void run() throws Exception {
    keys("/v1/kv/held", "/v1/kv/gone");
    keys("/v1/kv?key_b64=aGVsZA", "/v1/kv?key_b64=Z29uZQ");
    counters();
    transactions();
    leases();
    lost();
    together();
    sharedUnderOneToken();
    permitsUnderOneToken();
    watches();
    places();
    narrow();
  }

  private Response ask(String code, String method, String target, String body, String... headers)
      throws IOException {
    Response answer = http.call(method, target, body, headers);
    contract.check(method, target, answer);
    String said = answer.json().path("code").asText();
    assertEquals(code, said, () -> method + " " + target + " " + answer.text());
    return answer;
  }

  /** What must succeed. */
  private Response done(String method, String target, String body, String... headers)
      throws IOException {
    Response answer = http.call(method, target, body, headers);
    contract.check(method, target, answer);
    assertEquals(2, answer.status() / 100, () -> method + " " + target + " " + answer.text());
    return answer;
  }

  private void keys(String held, String gone) throws IOException {
    done("PUT", held, "x");
    ask("key-exists", "DELETE", held, "", "If-None-Match: *");
    ask("key-missing", "DELETE", gone, "", "If-Match: *");
    ask("stale-token", "DELETE", held, "", "If-Lock: none;token=7");
    ask("prefix-is-everything", "DELETE", "/v1/kv/?prefix", "");
  }

  private void counters() throws IOException {
    String add = "/v1/counters/count:add";
    done("POST", add, "{\"delta\":1}");
    ask("key-exists", "POST", add, "{\"delta\":1}", "If-None-Match: *");
    ask("key-missing", "POST", "/v1/counters/none:add", "{\"delta\":1}", "If-Match: *");
    ask("stale-token", "POST", add, "{\"delta\":1}", "If-Lock: none;token=7");
  }

  private void txn(String code, String steps) throws IOException {
    ask(code, "POST", "/v1/txn", "{\"then\":[" + steps + "]}");
  }

  private void transactions() throws IOException {
    done("PUT", "/v1/kv/most", Long.toString(Long.MAX_VALUE));
    txn("counter-overflow", "{\"add\":\"most\",\"delta\":1}");
    txn("key-length", "{\"put\":\"\",\"value\":\"x\"}");
    txn("prefix-is-everything", "{\"delete\":\"\",\"prefix\":true}");
    txn("ttl-out-of-range", "{\"put\":\"a\",\"value\":\"x\",\"ttl\":\"1ms\"}");
    txn("value-too-large", "{\"put\":\"a\",\"value\":\"" + "x".repeat((512 << 10) + 1) + "\"}");
    txn("too-many-items", list(257, i -> "{\"get\":\"k" + i + "\"}"));
    String lock = "{\"if\":[{\"lock\":\"" + TOO_LONG + "\",\"token\":7}],\"then\":[]}";
    ask("name-length", "POST", "/v1/txn", lock);
    for (int i = 0; i < 3; i++) {
      done("PUT", "/v1/kv/large/" + i, "x".repeat(400 << 10));
    }
    txn("transaction-too-large", list(3, i -> "{\"get\":\"large/" + i + "\"}"));
  }

  private static String list(int count, java.util.function.IntFunction<String> one) {
    return IntStream.range(0, count).mapToObj(one).collect(Collectors.joining(","));
  }

  private void leases() throws IOException {
    String labels = "{\"labels\":{";
    ask("not-allowed", "POST", "/v1/leases", labels + "\"" + "n".repeat(65) + "\":\"x\"}}");
    String many = list(17, i -> "\"l" + i + "\":\"x\"");
    ask("too-many-items", "POST", "/v1/leases", labels + many + "}}");
    String ids = list(10_001, i -> "\"0000000000000001ffff\"");
    ask("too-many-items", "POST", "/v1/leases:renew", "{\"ids\":[" + ids + "]}");
    ask("not-allowed", "POST", "/v1/worker-ids/pool:lease", "{\"bits\":17}");
  }

  /** A lock, an office and permits of one lease, which ends as the lock is taken away. */
  private void lost() throws IOException {
    Response grant = done("POST", "/v1/locks/lost:acquire", "{\"ttl\":\"1h\"}");
    String with = "{\"lease\":" + grant.json().get("lease");
    Response office = done("POST", "/v1/elections/lost:campaign", with + "}");
    Response permits = done("POST", "/v1/semaphores/lost:acquire", with + ",\"limit\":1}");
    done("DELETE", "/v1/locks/lost?force=true&reason=test", ALL);
    String tooLong = "/v1/locks/lost?force=true&reason=" + "r".repeat(257);
    ask("not-allowed", "DELETE", tooLong, ALL);
    for (String verb : new String[] {"renew", "release"}) {
      ask("grant-lost", "POST", "/v1/locks/lost:" + verb, right(grant) + "}");
      ask("grant-lost", "POST", "/v1/semaphores/lost:" + verb, right(permits) + "}");
    }
    String at = "/v1/elections/lost:";
    ask("grant-lost", "POST", at + "renew", right(office) + "}");
    ask("grant-lost", "POST", at + "resign", right(office) + "}");
    ask("grant-lost", "POST", at + "proclaim", right(office) + ",\"value\":\"v\"}");
    ask("grant-lost", "POST", at + "transfer", right(office) + ",\"to\":\"n2\"}");
  }

  private static String right(Response grant) throws IOException {
    return "{\"token\":" + grant.json().get("token");
  }

  private void together() throws IOException {
    String acquire = "/v1/locks:acquire";
    Response both = done("POST", acquire, "{\"names\":[\"p\",\"q\"],\"ttl\":\"1h\"}");
    String lease = "{\"lease\":" + both.json().get("lease");
    ask("locks-differ", "POST", "/v1/locks/p:acquire", lease + "}");
    Response shared =
        done("POST", "/v1/locks/shared:acquire", "{\"mode\":\"shared\",\"ttl\":\"1h\"}");
    String other = "{\"lease\":" + shared.json().get("lease");
    ask("mode-conflict", "POST", acquire, other + ",\"names\":[\"shared\"]}");
    ask("name-length", "POST", acquire, "{\"names\":[\"x\",\"" + TOO_LONG + "\"]}");
    Response one = done("POST", "/v1/semaphores/s:acquire", "{\"limit\":2,\"ttl\":\"1h\"}");
    String more = "{\"lease\":" + one.json().get("lease") + ",\"limit\":2,\"permits\":2}";
    ask("permits-differ", "POST", "/v1/semaphores/s:acquire", more);
  }

  /** Two who wait to share a lock are granted it at one revision. */
  private void sharedUnderOneToken() throws IOException {
    String at = "/v1/locks/twins";
    Response alone = done("POST", at + ":acquire", "{\"ttl\":\"1h\"}");
    String shared = "{\"mode\":\"shared\",\"ttl\":\"1h\",\"keep\":true}";
    String ticket = done("POST", at + ":acquire", shared).header("Location");
    done("POST", at + ":acquire", shared);
    done("POST", at + ":release", right(alone) + "}");
    Response held = done("GET", ticket, ALL);
    ask("ambiguous-token", "POST", at + ":renew", right(held) + "}");
    ask("ambiguous-token", "POST", at + ":release", right(held) + "}");
  }

  private void permitsUnderOneToken() throws Exception {
    String at = "/v1/semaphores/twins";
    Response both = done("POST", at + ":acquire", "{\"limit\":2,\"permits\":2,\"ttl\":\"1h\"}");
    try (Http.Connection one = http.connect();
        Http.Connection two = http.connect()) {
      byte[] wanted = "{\"limit\":2,\"ttl\":\"1h\",\"wait\":\"10s\"}".getBytes(UTF_8);
      one.send("POST", at + ":acquire", wanted);
      two.send("POST", at + ":acquire", wanted);
      Waiting.until("both wait", () -> queueLength(at) == 2);
      done("POST", at + ":release", right(both) + "}");
      Response held = one.answer(false);
      ask("ambiguous-token", "POST", at + ":renew", right(held) + "}");
      ask("ambiguous-token", "POST", at + ":release", right(held) + "}");
    }
  }

  private void watches() throws IOException {
    ask("name-length", "GET", "/v1/watch/" + TOO_LONG + "?kind=lock", ALL);
    String base64 = "a2tr".repeat(342);
    ask("name-length", "GET", "/v1/watch?kind=lock&key_b64=" + base64, ALL);
    String lock = "{\"watches\":[{\"id\":\"a\",\"kind\":\"lock\",\"name\":\"" + TOO_LONG + "\"}]}";
    ask("name-length", "POST", "/v1/watch", lock);
    String many = list(1_001, i -> "{\"id\":\"w" + i + "\",\"key\":\"a\"}");
    ask("too-many-items", "POST", "/v1/watch", "{\"watches\":[" + many + "]}");
  }

  /** A place that was given up is not taken up again. */
  private void places() throws IOException {
    done("POST", "/v1/locks/busy:acquire", "{\"ttl\":\"1h\"}");
    done("POST", "/v1/elections/busy:campaign", "{\"ttl\":\"1h\"}");
    place("/v1/locks/busy:acquire", "{\"keep\":true}");
    place("/v1/elections/busy:campaign", "{\"keep\":true}");
    place("/v1/locks:acquire", "{\"names\":[\"busy\",\"idle\"],\"keep\":true}");
    done("POST", "/v1/semaphores/busy:acquire", "{\"limit\":1,\"ttl\":\"1h\"}");
    String brief = "{\"limit\":1,\"wait\":\"1ms\"}";
    String acquire = "/v1/semaphores/busy:acquire";
    ask("lock-held", "POST", acquire, brief, "Idempotency-Key: brief");
    ask("ticket-ended", "POST", acquire, brief, "Idempotency-Key: brief");
  }

  private void place(String target, String body) throws IOException {
    String key = "Idempotency-Key: place" + target;
    String ticket = done("POST", target, body, key).header("Location");
    done("DELETE", ticket, ALL);
    ask("ticket-ended", "POST", target, body, key);
  }

  private int queueLength(String at) throws IOException {
    return http.get(at).json().get("queue_length").asInt();
  }

  /** Limits of which a lone node has enough. */
  private void narrow() throws Exception {
    Compaction.narrow(node);
    String lease = done("POST", "/v1/leases", "{\"ttl\":\"1h\"}").json().get("id").toString();
    String bare = lease.replace("\"", "");
    done("PUT", "/v1/kv/few/1?lease=" + bare, "x");
    done("PUT", "/v1/kv/few/2", "x");
    ask("too-many-keys-on-lease", "PUT", "/v1/kv/few/3?lease=" + bare, "x");
    ask("too-many-keys-on-lease", "PUT", "/v1/kv?key_b64=YQ&lease=" + bare, "x");
    txn("too-many-keys-on-lease", "{\"put\":\"b\",\"value\":\"x\",\"lease\":" + lease + "}");
    ask("too-many-keys", "DELETE", "/v1/kv/few/?prefix", ALL);
    ask("too-many-keys", "DELETE", "/v1/kv?key_b64=ZmV3Lw&prefix", ALL);
    done("POST", "/v1/locks/full:acquire", "{\"ttl\":\"1h\"}");
    done("POST", "/v1/elections/full:campaign", "{\"ttl\":\"1h\"}");
    done("POST", "/v1/semaphores/full:acquire", "{\"limit\":1,\"ttl\":\"1h\"}");
    try (Http.Connection waiter = http.connect()) {
      byte[] wanted = "{\"limit\":1,\"wait\":\"10s\"}".getBytes(UTF_8);
      waiter.send("POST", "/v1/semaphores/full:acquire", wanted);
      Waiting.until("it waits", () -> queueLength("/v1/semaphores/full") == 1);
      String more = "{\"limit\":1,\"wait\":\"1s\"}";
      ask("queue-full", "POST", "/v1/semaphores/full:acquire", more);
    }
    done("POST", "/v1/locks/full:acquire", "{\"keep\":true}");
    done("POST", "/v1/elections/full:campaign", "{\"keep\":true}");
    ask("queue-full", "POST", "/v1/locks/full:acquire", "{\"keep\":true}");
    ask("queue-full", "POST", "/v1/locks:acquire", "{\"names\":[\"full\",\"a\"],\"keep\":true}");
    ask("queue-full", "POST", "/v1/elections/full:campaign", "{\"keep\":true}");
  }
}
