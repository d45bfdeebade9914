package io.lockstep.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The slowest hundredth is summed up, and nothing else. */
class ServerPartsTest {
  private final ServerParts parts = new ServerParts();

  @Test
  void theSlowestHundredthIsSummedUp() {
    for (int i = 0; i < 198; i++) {
      parts.record(1_000, head("queue;dur=9.000, fsync;dur=9.000"));
    }
    parts.record(
        20_000, head("queue;dur=0.100, fsync;desc=\"not awaited\", replicate;dur=4, apply;dur=1"));
    parts.record(40_000, head("queue;dur=0.300, fsync;dur=2.000, replicate;dur=6, apply;dur=1"));
    assertEquals(
        " slowest=2 whole=30.00ms queue=0.20ms fsync=1.00ms replicate=5.00ms apply=1.00ms",
        parts.slowest());
  }

  @Test
  void answersWithoutPartsCountForNothing() {
    parts.record(1_000, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assertEquals("", parts.slowest());
  }

  private static String head(String timing) {
    return "HTTP/1.1 200 OK\r\nServer-Timing: " + timing + "\r\nContent-Length: 0\r\n\r\n";
  }
}
