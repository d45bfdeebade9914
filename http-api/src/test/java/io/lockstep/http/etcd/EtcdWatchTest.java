package io.lockstep.http.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.HttpOptions;
import io.lockstep.http.fixture.Compaction;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Connection;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How watches are framed: each message is one line, one object and one chunk. */
@Timeout(60)
class EtcdWatchTest {
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

  private Connection watch(String body) throws IOException {
    Connection connection = http.connect();
    byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    connection.send("POST", "/v3/watch", bytes);
    assertEquals("chunked", connection.head().header("Transfer-Encoding"));
    return connection;
  }

  /** One chunk, without what is the same in all of them. */
  private static String next(Connection connection) throws IOException {
    String chunk = new String(connection.chunk(), StandardCharsets.UTF_8);
    assertTrue(chunk.endsWith("}\n") && chunk.indexOf('\n') == chunk.length() - 1, chunk);
    return chunk
        .strip()
        .replaceAll("\"cluster_id\":\"\\d+\",\"member_id\":\"\\d+\",?", "")
        .replaceAll(",?\"raft_term\":\"\\d+\"", "")
        .replace('"', '\'');
  }

  private void put(String key, String value) throws IOException {
    http.put("/v1/kv/" + key, value);
  }

  @Test
  void itBeginsWithCreatedAndGoesOnWithWhatHappens() throws IOException {
    try (Connection watch = watch("{'create_request':{'key':'YQ=='}}")) {
      assertEquals("{'result':{'header':{'revision':'1'},'created':true}}", next(watch));
      put("other", "x");
      put("a", "1");
      http.delete("/v1/kv/a");
      assertEquals(
          "{'result':{'header':{'revision':'3'},'events':[{'kv':{'key':'YQ==',"
              + "'create_revision':'3','mod_revision':'3','version':'1','value':'MQ=='}}]}}",
          next(watch));
      assertEquals(
          "{'result':{'header':{'revision':'4'},'events':[{'type':'DELETE','kv':{'key':'YQ==',"
              + "'mod_revision':'4'}}]}}",
          next(watch));
    }
  }

  @Test
  void thePastIsToldFromTheStartRevisionOn() throws IOException {
    put("a", "1");
    put("a", "2");
    put("b", "3");
    try (Connection watch =
        watch(
            "{'create_request':{'key':'YQ==','range_end':'Yg==','start_revision':3,"
                + "'prev_kv':true}}")) {
      assertEquals("{'result':{'header':{'revision':'4'},'created':true}}", next(watch));
      assertEquals(
          "{'result':{'header':{'revision':'4'},'events':[{'kv':{'key':'YQ==',"
              + "'create_revision':'2','mod_revision':'3','version':'2','value':'Mg=='},"
              + "'prev_kv':{'key':'YQ==',"
              + "'create_revision':'2','mod_revision':'2','version':'1','value':'MQ=='}}]}}",
          next(watch));
    }
  }

  @Test
  void oneStreamHasManyWatches() throws IOException {
    try (Connection watch =
        watch(
            "{'create_request':{'key':'YQ=='}}{'create_request':{'key':'Yg==','filters':['NOPUT']}}"
                + "{'create_request':{'key':'Yw==','watch_id':'7'}}"
                + "{'create_request':{'key':'Yw==','watch_id':'7'}}"
                + "{'create_request':{'key':'eg==','range_end':'YQ=='}}"
                + "{'cancel_request':{'watch_id':0}}{'cancel_request':{'watch_id':9}}"
                + "{'progress_request':{}}")) {
      assertEquals("{'result':{'header':{'revision':'1'},'created':true}}", next(watch));
      assertEquals(
          "{'result':{'header':{'revision':'1'},'watch_id':'1','created':true}}", next(watch));
      assertEquals(
          "{'result':{'header':{'revision':'1'},'watch_id':'7','created':true}}", next(watch));
      assertEquals(
          "{'result':{'header':{'revision':'1'},'watch_id':'-1','created':true,'canceled':true,"
              + "'cancel_reason':'mvcc: duplicate watch ID provided on the WatchStream'}}",
          next(watch));
      assertEquals(
          "{'result':{'header':{'revision':'1'},'watch_id':'-1','created':true,'canceled':true,"
              + "'cancel_reason':'mvcc: watcher range is empty'}}",
          next(watch));
      assertEquals("{'result':{'header':{'revision':'1'},'canceled':true}}", next(watch));
      assertEquals("{'result':{'header':{'revision':'1'},'watch_id':'-1'}}", next(watch));
      put("a", "1");
      put("b", "1");
      http.delete("/v1/kv/b");
      put("c", "1");
      assertTrue(next(watch).contains("'watch_id':'1','events':[{'type':'DELETE'"));
      assertTrue(next(watch).contains("'watch_id':'7','events':[{'kv':{'key':'Yw=='"));
    }
  }

  @Test
  void whoAsksForTheForgottenPastIsToldWhereItBegins() throws IOException {
    for (int i = 0; i < 5; i++) {
      put("a", "" + i);
    }
    Compaction.keepRevisions(node, 2);
    Compaction.compactTo(node, 3);
    try (Connection watch = watch("{'create_request':{'key':'YQ==','start_revision':2}}")) {
      assertEquals("{'result':{'header':{'revision':'6'},'created':true}}", next(watch));
      long oldest = node.coordinator.view().compactedRevision() + 1;
      assertEquals(
          "{'result':{'header':{},'canceled':true,'compact_revision':'" + oldest + "'}}",
          next(watch));
    }
  }

  @Test
  void aRevisionThatIsYetToComeIsWaitedFor() throws IOException {
    try (Connection watch = watch("{'create_request':{'key':'YQ==','start_revision':'4'}}")) {
      assertEquals("{'result':{'header':{'revision':'1'},'created':true}}", next(watch));
      put("a", "1");
      put("a", "2");
      put("a", "3");
      assertTrue(next(watch).contains("'mod_revision':'4'"));
    }
  }

  @Test
  void whoHangsUpLeavesNothing() throws IOException {
    try (Connection watch =
        watch("{'create_request':{'key':'YQ=='}}{'create_request':{'key':'Yg=='}}")) {
      next(watch);
      next(watch);
      Waiting.until("both watch", () -> node.http.figures().watches() == 2);
    }
    Waiting.until("the watches are gone", () -> node.http.figures().watches() == 0);
  }

  @Test
  void aNodeThatStopsSaysSo() throws IOException {
    try (Connection watch = watch("{'create_request':{'key':'YQ=='}}")) {
      next(watch);
      node.closeHttp();
      assertEquals(
          "{'error':{'grpc_code':14,'http_code':503,'message':'etcdserver: server stopped',"
              + "'http_status':'Service Unavailable'}}",
          next(watch));
      assertEquals(0, watch.chunk().length, "the stream has ended in order");
    }
  }

  @Test
  void nonsenseIsRefusedBeforeTheStreamBegins() throws IOException {
    assertEquals(400, http.post("/v3/watch", "{\"create_request\":{\"key\":5}}").status());
  }
}
