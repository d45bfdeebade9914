package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.LoneNode;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import io.lockstep.http.grant.SigningKey;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.lock.LockView;
import io.lockstep.raft.bytes.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What happens between a grant and its signature: the answer stands, and says why it is not signed.
 */
class LateSignaturesTest {
  @RegisterExtension static final LoneNode LONE = LoneNode.standard();

  private final CountDownLatch granted = new CountDownLatch(1);
  private final CountDownLatch told = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private String lock = "";

  @BeforeEach
  void awaitKey() {
    TestNode node = LONE.node();
    Waiting.until(
        "the key is published",
        () -> node.coordinator.view().members().keys().inUse(node.id) != null);
  }

  @AfterEach
  void goOn() {
    told.countDown();
    over.countDown();
    LONE.node().atPublish(Runnable::run);
  }

  /**
   * Lets somebody wait for a lock, for a signed grant of it, and its holder release it. The one who
   * waits is told of the grant after {@link #told}, and nothing more is applied before {@link
   * #over}.
   */
  private Http.Connection waiter(String name) throws Exception {
    lock = name;
    String at = "/v1/locks/" + name;
    long token =
        LONE.http().post(at + ":acquire", "{\"owner\":\"first\"}").json().get("token").asLong();
    Http.Connection waiter = LONE.http().connect();
    send(waiter, "POST", at + ":acquire", "{\"owner\":\"next\",\"wait\":\"2s\",\"signed\":true}");
    Waiting.until("it waits", () -> view().queueLength() == 1);
    LONE.node().atPublish(this::published);
    send(LONE.http().connect(), "POST", at + ":release", "{\"token\":" + token + "}");
    assertTrue(granted.await(10, TimeUnit.SECONDS), "it is granted");
    return waiter;
  }

  private static void send(Http.Connection connection, String method, String target, String body)
      throws Exception {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    connection.send(method, target, bytes, "Request-Timeout: 100ms");
  }

  private LockView view() {
    LockView view = LONE.node().coordinator.view().lock(LockName.lock(Bytes.utf8(lock)), 1);
    if (view == null) {
      throw new AssertionError(lock + " is known");
    }
    return view;
  }

  private void published(Runnable word) {
    boolean next = view().holders().stream().anyMatch(holder -> holder.owner().equals("next"));
    if (!next || granted.getCount() == 0) {
      word.run();
      return;
    }
    granted.countDown();
    await(told);
    word.run();
    await(over);
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the test has ended");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Something is committed and stays unapplied: no state is known to be current meanwhile. */
  private void commit(String method, String target, String body) throws Exception {
    long before = LONE.node().raft.status().commitIndex();
    send(LONE.http().connect(), method, target, body);
    Waiting.until("committed", () -> LONE.node().raft.status().commitIndex() > before);
  }

  /** The grant has been told, and what to sign is asked for. */
  private static void awaitSigning() {
    Waiting.until("it is to be signed", () -> LONE.node().coordinator.figures().reads() > 0);
  }

  private static void assertMissing(String why, JsonNode answer) {
    assertEquals("held", answer.path("state").asText(), answer.toString());
    assertTrue(answer.get("grant").isNull(), answer.toString());
    assertEquals(why, answer.get("grant_missing").asText());
  }

  @Test
  void whatNobodyConfirmsInTimeIsNotSigned() throws Exception {
    try (Http.Connection waiter = waiter("unconfirmed")) {
      commit("PUT", "/v1/kv/later", "x");
      told.countDown();
      assertMissing("not-confirmed", waiter.answer(false).json());
    }
  }

  @Test
  void aNodeWhoseKeyIsTakenAwaySignsNoMore() throws Exception {
    List<SigningKey> kept = LONE.node().keys.keys();
    try (Http.Connection waiter = waiter("keyless")) {
      LONE.node().keys.replace(List.of());
      told.countDown();
      over.countDown();
      assertMissing("no-key", waiter.answer(false).json());
    } finally {
      LONE.node().keys.replace(kept);
    }
  }

  @Test
  void whatWasTakenAwayMeanwhileIsNotSigned() throws Exception {
    try (Http.Connection waiter = waiter("forced")) {
      commit("DELETE", "/v1/locks/forced?force=true&reason=test", "");
      told.countDown();
      awaitSigning();
      over.countDown();
      assertMissing("not-held", waiter.answer(false).json());
    }
  }

  @Test
  void whoGoesBeforeItIsSignedHoldsNothing() throws Exception {
    Http.Connection waiter = waiter("left");
    commit("PUT", "/v1/kv/later", "x");
    told.countDown();
    awaitSigning();
    int open = LONE.node().http.figures().connections();
    waiter.close();
    Waiting.until("it is gone", () -> LONE.node().http.figures().connections() < open);
    over.countDown();
    Waiting.until("it is given back", () -> view().holders().isEmpty());
  }
}
