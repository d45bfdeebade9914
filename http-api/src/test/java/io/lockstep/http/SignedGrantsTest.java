package io.lockstep.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.GrantVerifier;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.LoneNode;
import io.lockstep.http.fixture.Waiting;
import io.lockstep.http.grant.SigningKey;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Contract 7: "a signed grant that a resource verifies offline against published keys". */
class SignedGrantsTest {
  private static final String KEYS = "/.well-known/jwks.json";
  @RegisterExtension static final LoneNode LONE = LoneNode.standard();

  @BeforeAll
  static void start() {
    awaitPublished();
  }

  private static void awaitPublished() {
    Waiting.until("the key is published", SignedGrantsTest::published);
  }

  private static boolean published() {
    var inUse = LONE.node().coordinator.view().members().keys().inUse(LONE.node().id);
    return inUse != null && inUse.bytes().equals(LONE.node().keys.toPublish());
  }

  private static Response ask(String target, String body, String... headers) throws Exception {
    Response answer = LONE.http().post(target, body, headers);
    assertEquals(200, answer.status(), answer.text());
    return answer;
  }

  private static String grant(String name) throws Exception {
    return ask("/v1/locks/" + name + ":acquire", "{\"ttl\":\"1h\",\"signed\":true}")
        .json()
        .get("grant")
        .asText();
  }

  private static GrantVerifier verifier() throws Exception {
    return new GrantVerifier(LONE.http().get(KEYS).json(), "c-test");
  }

  private static long seconds() {
    return System.currentTimeMillis() / 1_000;
  }

  private static JsonNode verified(Response answer) throws Exception {
    JsonNode claims = verifier().verify(answer.json().get("grant").asText(), seconds());
    assertNotNull(claims, answer.text());
    return claims;
  }

  @Test
  void itSaysWhoWasGrantedWhatAndUntilWhen() throws Exception {
    long before = seconds();
    Response held =
        ask(
            "/v1/locks/back%22up:acquire",
            "{\"ttl\":\"100s\",\"owner\":\"cron@db1 \\u00e4\","
                + "\"mode\":\"shared\",\"signed\":true}");
    JsonNode claims = verified(held);
    assertEquals("lock", claims.get("kind").asText());
    assertEquals("back\"up", claims.get("name").asText());
    assertEquals("shared", claims.get("mode").asText());
    assertEquals("cron@db1 \u00e4", claims.get("owner").asText());
    assertEquals(held.json().get("token"), claims.get("token"));
    assertEquals(held.json().get("lease"), claims.get("lease"));
    assertEquals("lockstep:c-test", claims.get("iss").asText());
    assertEquals("n1", claims.get("node").asText());
    assertEquals("wall", claims.get("clock").asText());
    long issued = claims.get("iat").asLong();
    long expires = claims.get("exp").asLong();
    assertTrue(issued >= before && issued <= seconds(), claims.toString());
    assertTrue(expires <= seconds() + 100, "never more than holds: " + claims);
    assertTrue(expires > before + 50, claims.toString());
    assertNull(verifier().verify(held.json().get("grant").asText(), expires), "at its end");
  }

  @Test
  void electionsAndSemaphoresSignToo() throws Exception {
    JsonNode elected =
        verified(
            ask("/v1/elections/s:campaign", "{\"ttl\":\"1h\",\"owner\":\"n\",\"signed\":true}"));
    assertEquals("election", elected.get("kind").asText());
    assertEquals("n", elected.get("owner").asText());
    JsonNode permits =
        verified(ask("/v1/semaphores/s:acquire", "{\"permits\":2,\"limit\":5,\"signed\":true}"));
    assertEquals("semaphore", permits.get("kind").asText());
    assertEquals(2, permits.get("permits").asInt());
    assertEquals(5, permits.get("limit").asInt());
  }

  @Test
  void aNameThatIsNoTextIsNamedAllTheSame() throws Exception {
    JsonNode claims = verified(ask("/v1/locks/%ff:acquire", "{\"signed\":true}"));
    assertEquals("_w", claims.get("name_b64").asText());
    assertFalse(claims.has("name"));
  }

  @Test
  void nothingIsSignedUnlessItIsAskedFor() throws Exception {
    for (String asked : List.of("{}", "{\"signed\":false}")) {
      Response held = ask("/v1/locks/plain" + asked.length() + ":acquire", asked);
      assertFalse(held.json().has("grant") || held.json().has("grant_missing"), held.text());
    }
    assertEquals(400, LONE.http().post("/v1/locks/x:acquire", "{\"signed\":1}").status());
    assertEquals(
        400, LONE.http().post("/v1/locks/x:release", "{\"token\":1,\"signed\":true}").status());
  }

  @Test
  void whatIsForgedIsFound() throws Exception {
    String good = grant("forged");
    GrantVerifier verifier = verifier();
    assertNotNull(verifier.verify(good, seconds()));
    String[] parts = good.split("\\.", -1);
    String claims = new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8);
    String other = encode(claims.replace("\"token\":", "\"token\":9"));
    assertNull(verifier.verify(parts[0] + "." + other + "." + parts[2], seconds()));
    String none = encode("{\"alg\":\"none\",\"typ\":\"lockstep-grant+jwt\"}");
    assertNull(verifier.verify(none + "." + parts[1] + ".", seconds()), "no signature");
    assertNull(verifier.verify(parts[0] + "." + parts[1] + ".", seconds()), "cut off");
    // The public key, which all know, as the secret of another algorithm.
    String header = GrantVerifier.part(good, 0).toString().replace("EdDSA", "HS256");
    Mac mac = Mac.getInstance("HmacSHA256");
    byte[] secret = LONE.node().keys.keys().getFirst().publicKey().toArray();
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    String signed = encode(header) + "." + parts[1];
    String forged = Base64.getUrlEncoder().encodeToString(mac.doFinal(signed.getBytes(UTF_8)));
    assertNull(verifier.verify(signed + "." + forged, seconds()));
    JsonNode strangers = LONE.http().get(KEYS).json();
    ((com.fasterxml.jackson.databind.node.ObjectNode) strangers.get("keys").get(0))
        .put("x", encode(SigningKey.generate().publicKey().toArray()));
    assertNull(new GrantVerifier(strangers, "c-test").verify(good, seconds()), "another key");
    assertNull(new GrantVerifier(LONE.http().get(KEYS).json(), "c-other").verify(good, seconds()));
  }

  private static String encode(String text) {
    return encode(text.getBytes(UTF_8));
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** "The stored answer does not hold the signature": what is told again is told for now. */
  @Test
  void aReplayIsSignedAnewForWhatIsLeft() throws Exception {
    String body = "{\"ttl\":\"1h\",\"owner\":\"r\",\"signed\":true}";
    Response first = ask("/v1/locks/replay:acquire", body, "Idempotency-Key: g1");
    Response again = ask("/v1/locks/replay:acquire", body, "Idempotency-Key: g1");
    assertEquals("true", again.header("Idempotency-Replayed"));
    assertTrue(verified(again).get("exp").asLong() <= verified(first).get("exp").asLong());
    assertEquals(verified(first).get("token"), verified(again).get("token"));
    String token = "{\"token\":" + first.json().get("token") + "}";
    ask("/v1/locks/replay:release", token);
    Response late = LONE.http().post("/v1/locks/replay:acquire", body, "Idempotency-Key: g1");
    assertTrue(late.status() >= 400, late.text());
    assertFalse(late.json().has("grant"), "what has ended is not signed");
  }

  @Test
  void aLeaseThatHasItAlreadyIsToldOfTheOwnerThatTheLockKnows() throws Exception {
    String lease = LONE.http().post("/v1/leases", "{\"ttl\":\"1h\"}").json().get("id").toString();
    ask("/v1/locks/mine:acquire", "{\"lease\":" + lease + ",\"owner\":\"first\"}");
    Response again =
        ask("/v1/locks/mine:acquire", "{\"lease\":" + lease + ",\"owner\":\"b\",\"signed\":true}");
    assertEquals("first", verified(again).get("owner").asText());
  }

  @Test
  void aRenewalIsSignedForWhatItGives() throws Exception {
    Response held = ask("/v1/locks/renewed:acquire", "{\"ttl\":\"50s\",\"owner\":\"o\"}");
    String token = "{\"signed\":true,\"token\":" + held.json().get("token") + "}";
    JsonNode claims = verified(ask("/v1/locks/renewed:renew", token));
    assertEquals("o", claims.get("owner").asText());
    assertEquals(held.json().get("token"), claims.get("token"));
    String lease = "{\"signed\":true,\"lease\":" + held.json().get("lease") + "}";
    assertEquals(claims.get("lease"), verified(ask("/v1/locks/renewed:renew", lease)).get("lease"));
    Response elsewhere = ask("/v1/locks/another:renew", lease);
    assertTrue(elsewhere.json().get("grant").isNull(), elsewhere.text());
    assertEquals("not-held", elsewhere.json().get("grant_missing").asText());
  }

  @Test
  void aTicketIsToldOfItsSignedGrant() throws Exception {
    long token = ask("/v1/locks/t:acquire", "{\"ttl\":\"1h\"}").json().get("token").asLong();
    Response queued =
        LONE.http().post("/v1/locks/t:acquire", "{\"keep\":true,\"signed\":true,\"owner\":\"k\"}");
    assertEquals(202, queued.status(), queued.text());
    assertFalse(queued.json().has("grant"));
    String ticket = queued.header("Location");
    assertEquals(202, LONE.http().get(ticket + "&signed").status());
    ask("/v1/locks/t:release", "{\"token\":" + token + "}");
    Response held = LONE.http().get(ticket + "&signed&wait=10s");
    assertEquals(200, held.status(), held.text());
    assertEquals("k", verified(held).get("owner").asText());
    Response stream = LONE.http().get(ticket + "&signed", "Accept: text/event-stream");
    assertEquals(400, stream.status());
  }

  @Test
  void oneWhoWaitsIsToldOfASignedGrant() throws Exception {
    long token = ask("/v1/locks/w:acquire", "{\"ttl\":\"1h\"}").json().get("token").asLong();
    try (Http.Connection waiter = LONE.http().connect()) {
      byte[] body = "{\"wait\":\"20s\",\"signed\":true,\"owner\":\"w\"}".getBytes(UTF_8);
      waiter.send("POST", "/v1/locks/w:acquire", body);
      Waiting.until(
          "it is queued",
          () -> LONE.http().get("/v1/locks/w").json().get("queue_length").asInt() == 1);
      ask("/v1/locks/w:release", "{\"token\":" + token + "}");
      assertEquals("w", verified(waiter.answer(false)).get("owner").asText());
    }
  }

  @Test
  void eachOfSeveralLocksIsSigned() throws Exception {
    String body = "{\"names\":[\"many/b\",\"many/a\"],\"ttl\":\"1h\",\"signed\":true}";
    JsonNode answer = ask("/v1/locks:acquire", body).json();
    assertFalse(answer.has("grant"), answer.toString());
    assertEquals(2, answer.get("grants").size());
    for (int i = 0; i < 2; i++) {
      JsonNode one = answer.get("grants").get(i);
      assertEquals(answer.get("names").get(i), one.get("name"));
      JsonNode claims = verifier().verify(one.get("grant").asText(), seconds());
      assertNotNull(claims, answer.toString());
      assertEquals(one.get("name"), claims.get("name"));
      assertEquals(answer.get("token"), claims.get("token"));
      assertEquals(answer.get("lease"), claims.get("lease"));
    }
  }

  @Test
  void aRotatedKeyVerifiesWhatWasSignedBeforeAndTheNewOneSignsOnceItIsPublished() throws Exception {
    String before = grant("before");
    SigningKey old = LONE.node().keys.keys().getFirst();
    SigningKey next = SigningKey.generate();
    LONE.node().keys.replace(List.of(next, old));
    String during = grant("during");
    JsonNode published = LONE.http().get(KEYS).json();
    assertNotNull(new GrantVerifier(published, "c-test").verify(during, seconds()));
    awaitPublished();
    String after = grant("after");
    assertEquals(old.id(), GrantVerifier.part(before, 0).get("kid").asText());
    assertEquals(next.id(), GrantVerifier.part(after, 0).get("kid").asText());
    assertNotNull(verifier().verify(before, seconds()));
    assertNotNull(verifier().verify(after, seconds()));
    if (published.toString().contains(next.id())) {
      return;
    }
    assertNull(new GrantVerifier(published, "c-test").verify(after, seconds()), "fetch anew");
  }

  @Test
  void aNodeWithoutAPublishedKeySignsNothingAndDoesNothing() throws Exception {
    List<SigningKey> kept = LONE.node().keys.keys();
    LONE.node().keys.replace(List.of());
    try {
      Response refused = LONE.http().post("/v1/locks/none:acquire", "{\"signed\":true}");
      assertEquals(503, refused.status());
      assertEquals("key-not-published", refused.json().get("code").asText());
      assertEquals("not_applied", refused.json().get("outcome").asText());
      assertTrue(refused.json().get("retryable").asBoolean());
      assertEquals("free", LONE.http().get("/v1/locks/none").json().get("state").asText());
      assertEquals(
          503, LONE.http().post("/v1/locks/x:renew", "{\"token\":1,\"signed\":true}").status());
      assertEquals(
          200, LONE.http().post("/v1/locks/none:acquire", "{}").status(), "all else goes on");
    } finally {
      LONE.node().keys.replace(kept);
    }
  }

  @Test
  void theKeysAreASetOfJsonWebKeys() throws Exception {
    Response keys = LONE.http().get(KEYS);
    assertEquals(200, keys.status());
    JsonNode key = keys.json().get("keys").get(0);
    assertEquals("OKP", key.get("kty").asText());
    assertEquals("Ed25519", key.get("crv").asText());
    assertEquals("EdDSA", key.get("alg").asText());
    assertEquals("sig", key.get("use").asText());
    assertEquals("n1", key.get("node").asText());
    assertNotEquals(0, LONE.http().get(KEYS + "?consistency=stale").json().get("keys").size());
    assertEquals(405, LONE.http().post(KEYS, "").status());
    assertEquals(400, LONE.http().get(KEYS + "?pretty").status());
  }
}
