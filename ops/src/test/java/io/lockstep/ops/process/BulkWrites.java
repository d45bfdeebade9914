package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Many writes as fast as the cluster takes them, to make its log or its state large. */
final class BulkWrites {
  private static final int WRITERS = 16;
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private BulkWrites() {}

  /**
   * Returns when so many writes were acknowledged.
   *
   * @param nodes those asked, in turn
   * @param keys how many keys there are; the writes go round them
   */
  static void write(List<LocalNode> nodes, int count, int keys, int valueBytes)
      throws InterruptedException {
    String filler = "x".repeat(valueBytes);
    AtomicInteger next = new AtomicInteger();
    AtomicInteger written = new AtomicInteger();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
                      if (one(nodes, n, n % keys, filler)) {
                        written.incrementAndGet();
                      }
                    }
                  }));
    }
    for (Thread writer : writers) {
      assertTrue(writer.join(PATIENCE), "all is written in time");
    }
    assertTrue(written.get() == count, () -> written + " of " + count + " were written");
  }

  /** Tries through each node a few times. */
  private static boolean one(List<LocalNode> nodes, int number, int key, String filler) {
    for (int attempt = 0; attempt < 5 * nodes.size(); attempt++) {
      LocalNode node = nodes.get((number + attempt) % nodes.size());
      Http.Answer answer =
          Http.send("PUT", node.uri("/v1/kv/bulk/" + key), number + filler, ANSWER);
      if (answer.status() == 200 || answer.status() == 201) {
        return true;
      }
    }
    return false;
  }
}
