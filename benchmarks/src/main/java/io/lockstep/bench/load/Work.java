package io.lockstep.bench.load;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;

/** What the clients do: makes the bytes of one HTTP/1.1 request after the other. */
public final class Work {
  /** The kinds of work. */
  public enum Kind {
    PUT,
    GET,
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
        byte[] head =
            ("PUT /v1/kv/"
                    + name
                    + " HTTP/1.1\r\nHost: "
                    + host
                    + "\r\nContent-Type: text/plain\r\nContent-Length: "
                    + value.length
                    + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        value[random.nextInt(value.length)] = (byte) ('a' + random.nextInt(26));
        byte[] all = new byte[head.length + value.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(value, 0, all, head.length, value.length);
        yield all;
      }
    };
  }
}
