package io.lockstep.http.response;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.raft.bytes.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is written can be read by another's parser, whatever the bytes are. */
class JsonTextTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Test
  void aDocumentIsReadBackAsItWasWritten() throws Exception {
    JsonText json =
        new JsonText(0)
            .begin()
            .field("text", "a\"b\\c\n\r\t\u0001\u007f \u00e9\u20ac\ud83d\ude00 \ud800x")
            .field("min", Long.MIN_VALUE)
            .field("max", Long.MAX_VALUE)
            .field("zero", 0)
            .field("yes", true)
            .fieldNull("nothing")
            .name("list")
            .beginArray()
            .value(1)
            .value("x")
            .begin()
            .end()
            .endArray()
            .end();
    JsonNode node = MAPPER.readTree(json.toArray());
    assertEquals(
        "a\"b\\c\n\r\t\u0001\u007f \u00e9\u20ac\ud83d\ude00 \ufffdx", node.get("text").asText());
    assertEquals(Long.MIN_VALUE, node.get("min").asLong());
    assertEquals(Long.MAX_VALUE, node.get("max").asLong());
    assertEquals("[1,\"x\",{}]", node.get("list").toString());
    assertFalse(json.toString().contains("\n"), "a document is one line");
  }

  @Test
  void anyBytesAreTextOrBase64() throws Exception {
    long seed = 3;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(8)];
      random.nextBytes(bytes);
      if (i % 3 == 0) {
        bytes = new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
      }
      Bytes value = Bytes.wrap(bytes);
      assertEquals(decodable(bytes), Utf8.valid(value), "seed " + seed + ": " + value);
      JsonNode node =
          MAPPER.readTree(new JsonText(0).begin().content(value).key("key", value).end().toArray());
      byte[] back =
          node.has("value")
              ? node.get("value").asText().getBytes(StandardCharsets.UTF_8)
              : Base64.getDecoder().decode(node.get("value_base64").asText());
      assertEquals(value, Bytes.wrap(back), "seed " + seed);
      byte[] key =
          node.has("key")
              ? node.get("key").asText().getBytes(StandardCharsets.UTF_8)
              : Base64.getUrlDecoder().decode(node.get("key_b64").asText());
      assertEquals(value, Bytes.wrap(key), "seed " + seed);
    }
  }

  private static boolean decodable(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Test
  void clearedItIsAsGoodAsNew() {
    JsonText json = new JsonText(0);
    json.begin().field("a", 1).end();
    assertEquals("{\"b\":2}", json.clear().begin().field("b", 2).end().toString());
  }
}
