package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is not HTTP, or never ends, is refused or cut off, and disturbs no one else. */
class HostileHttpTest {
  private static final int BODY_MILLIS = 600;
  private static final int FIRST_REQUEST_MILLIS = 800;
  private static final int IDLE_MILLIS = 1_200;
  private static final int PER_ADDRESS = 40;
  private static TestNode node;
  private static Http http;

  @BeforeAll
  static void start() {
    HttpOptions.Sizes sizes = HttpOptions.Sizes.DEFAULT;
    node =
        TestNode.lone(
            new HttpOptions(
                "127.0.0.1",
                0,
                1,
                new HttpOptions.Sizes(
                    sizes.headerBytesMax(),
                    sizes.targetBytesMax(),
                    sizes.bodyBytesMax(),
                    3 << 20,
                    sizes.pageBytesMax(),
                    sizes.streamBytesMax(),
                    1_000,
                    PER_ADDRESS),
                new HttpOptions.Times(
                    BODY_MILLIS, FIRST_REQUEST_MILLIS, IDLE_MILLIS, 60_000, 5_000, 1_000),
                List.of()));
    http = node.client();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String request(String... lines) {
    return String.join("\r\n", lines);
  }

  static List<String> malformed() {
    return List.of(
        request(
            "PUT /v1/kv/h HTTP/1.1", "Host: a", "Content-Length: 1", "Content-Length: 2", "", "ab"),
        request("PUT /v1/kv/h HTTP/1.1", "Host: a", "Content-Length: 1, 2", "", "ab"),
        request("PUT /v1/kv/h HTTP/1.1", "Host: a", "Content-Length: +1", "", "a"),
        request("PUT /v1/kv/h HTTP/1.1", "Host: a", "Content-Length: -1", "", "a"),
        request(
            "PUT /v1/kv/h HTTP/1.1",
            "Host: a",
            "Content-Length: 1",
            "Transfer-Encoding: chunked",
            "",
            "1",
            "a",
            "0",
            "",
            ""),
        request(
            "PUT /v1/kv/h HTTP/1.1",
            "Host: a",
            "Transfer-Encoding: gzip",
            "",
            "1",
            "a",
            "0",
            "",
            ""),
        request(
            "PUT /v1/kv/h HTTP/1.1",
            "Host: a",
            "Transfer-Encoding: chunked",
            "",
            "zz",
            "a",
            "0",
            "",
            ""),
        "PUT /v1/kv/h HTTP/1.1\nHost: a\nContent-Length: 1\n\na",
        request("PUT /v1/kv/h HTTP/1.1", "Host: a\nContent-Length: 1", "", "a"),
        request("GET /v1/kv/h HTTP/1.1", "Host: a", "X\u0000Y: b", "", ""),
        request("GET /v1/kv/h HTTP/1.1", "Host: a", "X: b\u0000c", "", ""),
        request("GET /v1/kv/h HTTP/1.1", "Host : a", "", ""),
        request("GET /v1/kv/h HTTP/1.1", " Host: a", "", ""),
        request("GET  /v1/kv/h HTTP/1.1 x", "Host: a", "", ""),
        request("GET /v1/kv/h", "Host: a", "", ""),
        request("GET /v1/kv/h HTTP/1.1", "", ""),
        request("GET /v1/kv/h HTTP/1.1", "Host: a", "Host: b", "", ""),
        request("what is this", "", ""));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformedHttpIsRefusedAndTheConnectionClosed(String bytes) throws Exception {
    long before = node.coordinator.view().revision();
    try (Http.Connection connection = http.connect()) {
      connection.write(bytes);
      Response answer = connection.answer(false);
      assertEquals(400, answer.status(), answer.text());
      assertTrue(connection.closedByPeer(), "the connection is closed");
    }
    assertEquals(before, node.coordinator.view().revision(), "nothing was applied");
  }

  @Test
  void aBodyThatNeverEndsIsTimedOut() throws Exception {
    try (Http.Connection connection = http.connect()) {
      connection.write("PUT /v1/kv/slow HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
      Response answer = connection.answer(false);
      assertEquals(408, answer.status());
      assertEquals("body-timeout", answer.json().get("code").asText());
      assertTrue(connection.closedByPeer(), "the connection is closed");
    }
    assertEquals(404, http.get("/v1/kv/slow").status());
  }

  @Test
  void aBodyOfEndlessChunksIsCutAtTheLimit() throws Exception {
    try (Http.Connection connection = http.connect()) {
      connection.write(
          "PUT /v1/kv/endless HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      String chunk = "4000\r\n" + "x".repeat(0x4000) + "\r\n";
      try {
        for (int i = 0; i < 40; i++) {
          connection.write(chunk);
        }
      } catch (IOException e) {
        // The answer may come, and the connection go, before all is sent.
      }
      assertEquals(413, connection.answer(false).status());
    }
    assertEquals(404, http.get("/v1/kv/endless").status());
  }

  @Test
  void unfinishedBodiesTogetherAreBounded() throws Exception {
    List<Http.Connection> held = new ArrayList<>();
    int refused = 0;
    try {
      for (int i = 0; i < 12; i++) {
        Http.Connection connection = http.connect();
        held.add(connection);
        connection.write(
            request("PUT /v1/kv/held HTTP/1.1", "Host: a", "Content-Length: 500000", "", "")
                + "x".repeat(400_000));
      }
      for (Http.Connection connection : held) {
        int status = connection.answer(false).status();
        assertTrue(status == 503 || status == 408, "status " + status);
        refused += status == 503 ? 1 : 0;
      }
    } finally {
      for (Http.Connection connection : held) {
        connection.close();
      }
    }
    assertTrue(refused >= 4, refused + " were refused for lack of memory");
    assertEquals(201, http.put("/v1/kv/after", "v".repeat(300_000)).status());
  }

  @Test
  void aGoodChunkedBodyIsTaken() throws Exception {
    Response answer =
        http.raw(
            request(
                "PUT /v1/kv/chunked HTTP/1.1",
                "Host: a",
                "Transfer-Encoding: chunked",
                "",
                "3",
                "abc",
                "2;ext=1",
                "de",
                "0",
                "",
                ""));
    assertEquals(201, answer.status());
    assertEquals("abcde", http.get("/v1/kv/chunked?raw").text());
  }

  @Test
  void expectContinueIsHonoured() throws Exception {
    try (Http.Connection connection = http.connect()) {
      connection.write(
          request(
              "PUT /v1/kv/continued HTTP/1.1",
              "Host: a",
              "Expect: 100-continue",
              "Content-Length: 2",
              "",
              ""));
      assertEquals(100, connection.head().status());
      connection.write("ok");
      assertEquals(201, connection.answer(false).status());
    }
  }

  @Test
  void aHeadThatNeverEndsIsCutOff() throws Exception {
    try (Http.Connection connection = http.connect()) {
      connection.write("GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: ");
      assertTrue(connection.closedByPeer(), "the connection is closed");
    }
  }

  @Test
  void whatIsNoHttpAtAllIsCutOff() throws Exception {
    try (Http.Connection connection = http.connect()) {
      connection.write("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003");
      assertTrue(connection.closedByPeer(), "the connection is closed");
    }
  }

  @Test
  void anIdleConnectionIsClosedAndABusyOneIsNot() throws Exception {
    try (Http.Connection connection = http.connect()) {
      for (int i = 0; i < 3; i++) {
        connection.send("GET", "/livez", new byte[0]);
        assertEquals(200, connection.answer(false).status());
      }
      assertTrue(connection.closedByPeer(), "the connection is closed");
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    try (Http.Connection connection = http.connect()) {
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        requests
            .append("PUT /v1/kv/pipe HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
            .append(10 + i);
      }
      connection.write(requests.toString());
      for (int i = 1; i <= 20; i++) {
        assertEquals(i, connection.answer(false).json().get("version").asInt());
      }
    }
    assertEquals("29", http.get("/v1/kv/pipe?raw").text());
  }

  @Test
  void connectionsOfOneAddressAreBounded() throws Exception {
    Waiting.until("earlier connections are gone", () -> node.http.figures().connections() == 0);
    List<Http.Connection> held = new ArrayList<>();
    try {
      for (int i = 0; i < PER_ADDRESS; i++) {
        Http.Connection connection = http.connect();
        held.add(connection);
        connection.send("GET", "/livez", new byte[0]);
        assertEquals(200, connection.answer(false).status());
      }
      try (Http.Connection over = http.connect()) {
        over.send("GET", "/livez", new byte[0]);
        Response refused = over.answer(false);
        assertEquals(429, refused.status());
        assertEquals("too-many-connections", refused.json().get("code").asText());
        assertTrue(refused.json().get("retryable").asBoolean());
        assertTrue(Integer.parseInt(refused.header("Retry-After")) >= 1);
      }
    } finally {
      for (Http.Connection connection : held) {
        connection.close();
      }
    }
    Waiting.until("the closed ones are counted", () -> node.http.figures().connections() == 0);
    assertEquals(200, http.get("/livez").status());
  }

  @Test
  void aLaterRequestIsServedAfterARefusedOne() throws Exception {
    try (Http.Connection connection = http.connect()) {
      connection.send("GET", "/v1/kv/a%zz", new byte[0]);
      assertEquals(400, connection.answer(false).status());
      connection.send("GET", "/livez", new byte[0]);
      assertEquals(200, connection.answer(false).status());
    }
  }
}
