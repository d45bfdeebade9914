package io.lockstep.http.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.fixture.TestNode;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What etcd 3.4.23 answered when {@link EtcdDifferentialTest} recorded it, where none is. */
@Timeout(60)
class EtcdTranscriptTest {
  private static final int REQUESTS_MIN = 300;

  @Test
  void everyAnswerIsAsRecorded() throws Exception {
    List<String> lines;
    try (InputStream in = getClass().getResourceAsStream("etcd-3.4.23.txt")) {
      lines =
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .toList();
    }
    int requests = 0;
    try (TestNode node = EtcdDifferentialTest.node()) {
      EtcdSide side = new EtcdSide(node.client());
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        if (line.startsWith("# ")) {
          if (i > 0) {
            side.end();
          }
          side.begin(Long.parseLong(line.substring(2)));
        } else if (line.startsWith("> ")) {
          int number = i + 1;
          assertEquals(
              lines.get(i + 1).substring(2),
              side.call(request(line.substring(2))),
              () -> "line " + number + ": " + line);
          requests++;
        }
      }
    }
    assertTrue(requests >= REQUESTS_MIN, "so many were recorded: " + requests);
  }

  private static EtcdRequest request(String line) {
    boolean raw = line.startsWith("raw ");
    String rest = raw ? line.substring(4) : line;
    int space = rest.indexOf(' ');
    return new EtcdRequest(rest.substring(0, space), rest.substring(space + 1), raw);
  }
}
