package io.lockstep.http.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.HttpOptions;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bytes that etcd's clients depend on; expectations as observed on etcd 3.4.23. */
@Timeout(60)
class EtcdWireTest {
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

  /** The answer without the identities in its header. */
  private String post(String path, String body) throws IOException {
    Response answer = http.post(path, body);
    return answer.status() + " " + withoutIdentities(answer.text());
  }

  private static String withoutIdentities(String text) {
    return text.replaceAll("\"cluster_id\":\"[1-9]\\d*\",\"member_id\":\"[1-9]\\d*\",?", "")
        .replaceAll(",?\"raft_term\":\"[1-9]\\d*\"", "");
  }

  @Test
  void whatIsZeroIsLeftOut() throws IOException {
    assertEquals("200 {'header':{'revision':'1'}}", single(post("/v3/kv/range", key("YQ=="))));
    assertEquals("200 {'header':{'revision':'2'}}", single(post("/v3/kv/put", key("YQ=="))));
    assertEquals(
        "200 {'header':{'revision':'2'},'kvs':[{'key':'YQ==','create_revision':'2',"
            + "'mod_revision':'2','version':'1'}],'count':'1'}",
        single(post("/v3/kv/range", key("YQ=="))));
    assertEquals(
        "200 {'header':{'revision':'2'},'kvs':[{'key':'YQ==','create_revision':'2',"
            + "'mod_revision':'2','version':'1'}],'count':'1'}",
        single(post("/v3/kv/range", "{\"key\":\"AA==\",\"range_end\":\"AA==\"}")));
  }

  private static String key(String base64) {
    return "{\"key\":\"" + base64 + "\"}";
  }

  private static String single(String text) {
    return text.replace('"', '\'');
  }

  @Test
  void inputMayBeLoose() throws IOException {
    post("/v3/kv/put", "{\"key\":\"YQ==\",\"value\":\"MQ==\",\"unknown\":[{}]}");
    String found = post("/v3/kv/range", key("YQ=="));
    assertEquals(
        found,
        post(
            "/v3/kv/range",
            "{\"key\":\"YQ==\",\"limit\":\"0\",\"sortOrder\":2,\"sort_target\":\"MOD\","
                + "\"range_end\":null,\"revision\":0,\"serializable\":false}"));
    Response form =
        http.post("/v3/kv/range", key("YQ=="), "Content-Type: application/x-www-form-urlencoded");
    assertEquals(found, "200 " + withoutIdentities(form.text()));
  }

  @Test
  void anErrorCarriesItsTextTwiceAndItsCode() throws IOException {
    assertEquals(
        "400 {'error':'etcdserver: key is not provided',"
            + "'message':'etcdserver: key is not provided','code':3}",
        single(post("/v3/kv/range", "")));
    assertEquals(
        "404 {'error':'etcdserver: requested lease not found',"
            + "'message':'etcdserver: requested lease not found','code':5}",
        single(post("/v3/lease/revoke", "{\"ID\":7}")));
    assertEquals(
        "400 {'error':'etcdserver: request is too large',"
            + "'message':'etcdserver: request is too large','code':3}",
        single(post("/v3/kv/put", key("YWFh".repeat(400)))));
    assertEquals(
        "404 {'error':'Not Found','message':'Not Found','code':5}",
        single(post("/v3/nothing", "")));
    assertEquals(404, http.get("/v3/kv/range").status());
  }

  /** Also where this service refuses before it looks at what is asked. */
  @Test
  void aBodyThatIsTooLargeIsRefusedInTheSameForm() throws IOException {
    String answer = post("/v3/kv/put", "x".repeat((1_536 << 10) + 1));
    assertTrue(
        answer.endsWith("\"message\":\"etcdserver: request is too large\",\"code\":3}"), answer);
  }

  @Test
  void aTransactionHasSoManyOperations() throws IOException {
    String get = "{\"request_range\":{\"key\":\"YQ==\"}},";
    assertEquals(200, http.post("/v3/kv/txn", success(get.repeat(128))).status());
    String many = post("/v3/kv/txn", success(get.repeat(129)));
    assertTrue(many.contains("etcdserver: too many operations in txn request"), many);
    String nested = "{\"request_txn\":" + success(get.repeat(60)) + "},";
    assertEquals(200, http.post("/v3/kv/txn", success(nested.repeat(16))).status());
    assertEquals(many, post("/v3/kv/txn", success(nested.repeat(17))));
    assertEquals(400, http.post("/v3/kv/txn", deep(9)).status());
    assertEquals(200, http.post("/v3/kv/txn", deep(8)).status());
  }

  private static String success(String operations) {
    return "{\"success\":[" + operations.substring(0, operations.length() - 1) + "]}";
  }

  private static String deep(int depth) {
    return depth == 1 ? "{}" : "{\"success\":[{\"request_txn\":" + deep(depth - 1) + "}]}";
  }

  @Test
  void aStreamHasSoManyMessages() throws IOException {
    assertEquals(200, http.post("/v3/lease/keepalive", "{}".repeat(3)).status());
    assertEquals(429, http.post("/v3/lease/keepalive", "{}".repeat(1_001)).status());
  }

  @Test
  void clientsChooseByTheVersion() throws IOException {
    assertEquals(
        "{'etcdserver':'3.5.0','etcdcluster':'3.5.0'}", single(http.get("/version").text()));
    assertEquals("{'health':'true'}", single(http.get("/health").text()));
    String answer = post("/v3/kv/range", key("YQ=="));
    assertEquals(answer, post("/v3beta/kv/range", key("YQ==")));
    assertEquals(answer, post("/v3alpha/kv/range", key("YQ==")));
  }

  /** Clients take an answer with a TTL, be it zero, for that of a lease that runs. */
  @Test
  void aLeaseThatHasEndedIsRenewedWithoutTtl() throws IOException {
    assertEquals(
        "200 {'header':{'revision':'1'},'ID':'77','TTL':'2'}",
        single(post("/v3/lease/grant", "{\"TTL\":1,\"ID\":77}")));
    Response renewed = http.post("/v3/lease/keepalive", "{\"ID\":77}{\"ID\":\"99\"}");
    assertEquals("chunked", renewed.header("Transfer-Encoding"));
    assertEquals(
        """
        {'result':{'header':{'revision':'1'},'ID':'77','TTL':'2'}}
        {'result':{'header':{'revision':'1'},'ID':'99'}}
        """,
        single(withoutIdentities(renewed.text())));
    assertEquals(
        "200 {'header':{'revision':'1'},'ID':'99','TTL':'-1'}",
        single(post("/v3/kv/lease/timetolive", "{\"ID\":99}")));
  }

  @Test
  void anIdThatIsNotChosenIsDrawn() throws IOException {
    String id = http.post("/v3/lease/grant", "{\"TTL\":60}").json().get("ID").asText();
    assertTrue(Long.parseLong(id) > 0, id);
    assertEquals(
        "200 {'header':{'revision':'1'},'leases':[{'ID':'" + id + "'}]}",
        single(post("/v3/lease/leases", "")));
  }

  @Test
  void theKeysOfALeaseEndWithIt() throws IOException {
    post("/v3/lease/grant", "{\"TTL\":60,\"ID\":5}");
    post("/v3/kv/put", "{\"key\":\"YQ==\",\"lease\":5}");
    assertTrue(post("/v3/kv/range", key("YQ==")).contains("\"lease\":\"5\""));
    assertEquals(
        "200 {'header':{'revision':'3'}}", single(post("/v3/lease/revoke", "{\"ID\":\"5\"}")));
    assertEquals("200 {'header':{'revision':'3'}}", single(post("/v3/kv/range", key("YQ=="))));
    assertEquals(404, http.get("/v1/kv/a").status(), "one state under both interfaces");
  }

  @Test
  void aNameOfALeaseMayComeAgain() throws IOException {
    String grant = "{\"TTL\":60,\"ID\":5}";
    assertEquals(200, http.post("/v3/lease/grant", grant).status());
    assertEquals(412, http.post("/v3/lease/grant", grant).status());
    post("/v3/lease/revoke", "{\"ID\":5}");
    assertEquals(200, http.post("/v3/lease/grant", grant).status());
    assertEquals(200, http.get("/v1/leases/00000000000000050").status(), "its name natively");
  }
}
