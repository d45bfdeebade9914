package io.lockstep.http.request;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.raft.bytes.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Targets, parameters, durations, conditions and idempotency keys. */
class ParsingTest {
  private static void assertRejected(ProblemCode code, Executable parsing) {
    Rejected rejected = assertThrows(Rejected.class, parsing);
    assertEquals(code, rejected.problem().code(), rejected.getMessage());
  }

  @Test
  void aTargetIsSplitAndNeverNormalized() {
    Target target = Target.of("/v1/kv//a/../b/?x=1?2");
    assertEquals("/v1/kv//a/../b/", target.path());
    assertEquals("x=1?2", target.rawQuery());
    assertEquals("/a/../b/", target.textFrom("/v1/kv/".length()));
    assertNull(Target.of("/a").rawQuery());
    assertEquals("/p", Target.of("http://host:80/p?q").path());
    assertRejected(ProblemCode.BAD_TARGET, () -> Target.of("*"));
    assertRejected(ProblemCode.BAD_TARGET, () -> Target.of("host:80"));
    assertRejected(ProblemCode.BAD_TARGET, () -> Target.of("http://host"));
  }

  @Test
  void everyByteStringHasATarget() {
    long seed = 5;
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] key = new byte[random.nextInt(40)];
      random.nextBytes(key);
      StringBuilder encoded = new StringBuilder("/");
      for (byte b : key) {
        boolean plain = b > 0x20 && b < 0x7f && b != '%' && b != '#' && b != '?';
        if (plain && random.nextBoolean()) {
          encoded.append((char) b);
        } else {
          String hex = "%%%02x".formatted(b & 0xff);
          encoded.append(random.nextBoolean() ? hex : hex.toUpperCase(java.util.Locale.ROOT));
        }
      }
      byte[] decoded = Target.of(encoded.toString()).bytesFrom(1).toArray();
      assertArrayEquals(key, decoded, "seed " + seed + ", " + encoded);
    }
  }

  @Test
  void decodingHappensOnceAndAPlusIsAPlus() {
    assertEquals("a%2Fb", Target.of("/a%252Fb").textFrom(1));
    assertEquals("a+b", Target.of("/a+b").textFrom(1));
    assertEquals("\u00e9", Target.of("/\u00c3\u00a9").textFrom(1), "raw bytes of UTF-8 are taken");
    assertRejected(ProblemCode.BAD_TARGET, () -> Target.of("/%").textFrom(1));
    assertRejected(ProblemCode.BAD_TARGET, () -> Target.of("/%f").textFrom(1));
    assertRejected(ProblemCode.BAD_TARGET, () -> Target.of("/%+1").textFrom(1));
    assertRejected(ProblemCode.BAD_TARGET, () -> Target.of("/%\uff11\uff11").textFrom(1));
    assertRejected(ProblemCode.BAD_TARGET, () -> Target.of("/a\u0001").textFrom(1));
    assertRejected(ProblemCode.BAD_TARGET, () -> Target.of("/%c3%28").textFrom(1));
  }

  @Test
  void parametersAreAskedForByName() {
    Query query = Query.parse("a=1&flag&empty=&b%3D=x%26y&n=42");
    assertTrue(query.has("a"));
    assertEquals("1", query.text("a"));
    assertTrue(query.flag("flag"));
    assertTrue(query.flag("empty"));
    assertFalse(query.flag("absent"));
    assertEquals("x&y", query.text("b="));
    assertRejected(ProblemCode.UNKNOWN_PARAMETER, query::finish);
    assertEquals(42, query.revision("n"));
    query.finish();
    assertEquals(7, query.number("absent", 0, 9, 7));
    assertRejected(ProblemCode.DUPLICATE_PARAMETER, () -> Query.parse("a=1&%61=2"));
    assertRejected(ProblemCode.BAD_TARGET, () -> Query.parse("a&".repeat(1) + many()));
    for (String bad : new String[] {"n=", "n=-1", "n=+1", "n=01", "n=1.0", "n=0x1", "n=9e9"}) {
      assertRejected(ProblemCode.BAD_PARAMETER, () -> Query.parse(bad).revision("n"));
    }
  }

  private static String many() {
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      many.append("p").append(i).append("=1&");
    }
    return many.toString();
  }

  @Test
  void durationsHaveAUnit() {
    assertEquals(0, Durations.millis("d", "0s"));
    assertEquals(500, Durations.millis("d", "500ms"));
    assertEquals(15_000, Durations.millis("d", "15s"));
    assertEquals(120_000, Durations.millis("d", "2m"));
    assertEquals(3_600_000, Durations.millis("d", "1h"));
    assertEquals(86_400_000, Durations.millis("d", "1d"));
    String[] bad = {
      "",
      "s",
      "15",
      "15S",
      "1 s",
      "-1s",
      "+1s",
      "1.5s",
      "1e3s",
      "015s",
      "1s1s",
      "\u0661s",
      "999999999999999999d",
      "99999999999999999999s",
    };
    for (String text : bad) {
      assertRejected(ProblemCode.BAD_DURATION, () -> Durations.millis("d", text));
    }
    assertRejected(ProblemCode.DURATION_OUT_OF_RANGE, () -> Durations.millis("d", "3s", 0, 2_999));
  }

  @Test
  void conditionsComeFromHeadersOrTheQuery() {
    assertEquals(new KeyCondition.Always(), Conditions.of(null, null, 0));
    assertEquals(new KeyCondition.RevisionIs(41), Conditions.of("\"41\"", null, 0));
    assertEquals(new KeyCondition.Present(), Conditions.of("*", null, 0));
    assertEquals(new KeyCondition.Absent(), Conditions.of(null, " * ", 0));
    assertEquals(new KeyCondition.RevisionIs(7), Conditions.of(null, null, 7));
    assertRejected(ProblemCode.BAD_HEADER, () -> Conditions.of("\"41\"", null, 41));
    assertTrue(Conditions.noneMatchHits("\"1\", W/\"41\"", 41));
    assertFalse(Conditions.noneMatchHits("\"1\", \"4\"", 41));
  }

  @Test
  void guardsNameLocksByPercentEncoding() {
    assertEquals(
        List.of(new LockGuard(Bytes.utf8("a;b,c=%"), 47), new LockGuard(Bytes.utf8("plain"), 2)),
        Conditions.guards(List.of("a%3Bb%2Cc%3D%25;token=47 , plain; token=2")));
    assertEquals(2, Conditions.guards(List.of("a;token=1", "b;token=2")).size());
    assertEquals(List.of(), Conditions.guards(List.of()));
    for (String bad : new String[] {"", "a", ";token=1", "a;token=", "a;token=-1", "a;t=1,"}) {
      assertRejected(ProblemCode.BAD_HEADER, () -> Conditions.guards(List.of(bad)));
    }
  }

  @Test
  void idempotencyKeysAreTheSameWithQuotesAndTheirFingerprintsCoverEveryPart() {
    assertEquals(IdempotencyKey.parse("k"), IdempotencyKey.parse(" \"k\" "));
    Bytes key = Bytes.utf8("k");
    Bytes body = Bytes.utf8("body");
    Bytes first = IdempotencyKey.of("s", key, Arrays.asList("PUT", "/a", null), body).fingerprint();
    List<List<String>> others =
        List.of(
            Arrays.asList("PUT", "/a", ""),
            Arrays.asList("PU", "T/a", null),
            Arrays.asList("PUT", null, "/a"),
            Arrays.asList("PUT", "/b", null));
    for (List<String> other : others) {
      assertFalse(first.equals(IdempotencyKey.of("s", key, other, body).fingerprint()), "" + other);
    }
    assertEquals(
        first, IdempotencyKey.of("s", key, Arrays.asList("PUT", "/a", null), body).fingerprint());
    assertRejected(ProblemCode.BAD_HEADER, () -> IdempotencyKey.parse(" "));
    assertRejected(ProblemCode.BAD_HEADER, () -> IdempotencyKey.parse("a\u00e9"));
  }

  @Test
  void randomJsonIsRefusedOrRead() {
    long seed = 17;
    Random random = new Random(seed);
    byte[] good = "{\"ttl\":\"15s\",\"a\":[1,{\"b\":null}]}".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = good.clone();
      for (int j = random.nextInt(3); j >= 0; j--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        JsonBody.parse(Bytes.wrap(bytes)).text("ttl");
      } catch (Rejected e) {
        assertEquals(400, e.problem().code().status(), "seed " + seed);
      }
    }
  }
}
