package io.lockstep.bench.load;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.SplittableRandom;

/** What the clients do: makes the bytes of one HTTP/1.1 request after the other. */
public final class Work {
  /** The kinds of work. */
  public enum Kind {
    PUT,
    GET,
    /** Puts the same by etcd's gateway. */
    ETCD_PUT,
    /** Takes ids of one sequence. */
    IDS
  }

  private final Kind kind;
  private final int keys;
  private final int count;
  private final byte[] value;
  private final SplittableRandom random;

  /**
   * Describes the work.
   *
   * @param keys over how many keys it is spread, evenly
   * @param valueBytes length of a value
   * @param count ids that a call takes
   */
  public Work(Kind kind, int keys, int valueBytes, int count, long seed) {
    this.kind = kind;
    this.keys = keys;
    this.count = count;
    this.random = new SplittableRandom(seed);
    this.value = new byte[valueBytes];
    for (int i = 0; i < valueBytes; i++) {
      value[i] = (byte) ('a' + random.nextInt(26));
    }
  }

  /** The bytes of the next request; a put's value differs from the one before. */
  public byte[] next(String host) {
    return request(kind, random.nextInt(keys), host);
  }

  /** The bytes of a put of key number {@code key}. */
  public byte[] fill(int key, String host) {
    return request(Kind.PUT, key, host);
  }

  public int keys() {
    return keys;
  }

  private byte[] request(Kind wanted, int key, String host) {
    String name = "bench/" + key;
    return switch (wanted) {
      case GET ->
          String.format(Locale.ROOT, "GET /v1/kv/%s HTTP/1.1\r\nHost: %s\r\n\r\n", name, host)
              .getBytes(StandardCharsets.US_ASCII);
      case IDS ->
          ("POST /v1/ids/bench:next?count="
                  + count
                  + " HTTP/1.1\r\nHost: "
                  + host
                  + "\r\nContent-Length: 0\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      case PUT -> {
        change();
        yield withBody("PUT /v1/kv/" + name, host, "text/plain", value);
      }
      case ETCD_PUT -> {
        change();
        String body =
            "{\"key\":\"" + base64(ascii(name)) + "\",\"value\":\"" + base64(value) + "\"}";
        yield withBody("POST /v3/kv/put", host, "application/json", ascii(body));
      }
    };
  }

  /** The next value differs from the one before. */
  private void change() {
    value[random.nextInt(value.length)] = (byte) ('a' + random.nextInt(26));
  }

  private static byte[] withBody(String what, String host, String type, byte[] body) {
    byte[] head =
        ascii(
            what
                + " HTTP/1.1\r\nHost: "
                + host
                + "\r\nContent-Type: "
                + type
                + "\r\nContent-Length: "
                + body.length
                + "\r\n\r\n");
    byte[] all = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return all;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
