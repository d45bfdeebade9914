package io.lockstep.ops.process;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A client that draws numbers: it reserves a range by compare-and-set of the highest number so far,
 * under an idempotency key, asks again through other nodes until it knows what became of that, and
 * uses the range up before the next.
 */
final class NumberClient implements Runnable {
  /** The key that says how far numbers are given away. */
  static final String KEY = "users-id";

  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final List<LocalNode> nodes;
  private final NumberBook book;
  private final String name;
  private final int size;
  private final long pauseMillis;
  private final CountDownLatch stop;
  private final Random random;
  private final CountDownLatch never = new CountDownLatch(1);
  private long requests;

  /**
   * Makes a client.
   *
   * @param size of a range
   * @param pauseMillis how long it takes to use one up
   * @param stop lets it end after the range that it has
   */
  NumberClient(
      List<LocalNode> nodes,
      NumberBook book,
      String name,
      int size,
      long pauseMillis,
      CountDownLatch stop) {
    this.nodes = nodes;
    this.book = book;
    this.name = name;
    this.size = size;
    this.pauseMillis = pauseMillis;
    this.stop = stop;
    this.random = new Random(name.hashCode());
  }

  @Override
  public void run() {
    try {
      while (stop.getCount() > 0) {
        long invoked = System.nanoTime();
        long first = reserve();
        if (first > 0) {
          long last = first + size - 1;
          book.drawn(new NumberBook.Draw(invoked, System.nanoTime(), first, last));
          for (long number = first; number <= last; number++) {
            book.owns(number, name);
          }
          pause(pauseMillis);
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tries once; returns the first number of the range, or 0 when somebody else was faster. */
  long reserve() throws InterruptedException {
    Http.Answer now = send("GET", "");
    while (now.status() != 200 && now.status() != 404) {
      pause(20);
      now = send("GET", "");
    }
    boolean none = now.status() == 404;
    long before = none ? 0 : Long.parseLong(now.text("value"));
    String[] headers = {
      none ? "If-None-Match" : "If-Match",
      none ? "*" : "\"" + now.number("mod_revision") + "\"",
      "Idempotency-Key",
      name + "-" + ++requests
    };
    Http.Answer answer = send("PUT", "" + (before + size), headers);
    while (answer.status() != 200 && answer.status() != 201 && answer.status() != 412) {
      pause(20);
      answer = send("PUT", "" + (before + size), headers);
    }
    return answer.status() == 412 ? 0 : before + 1;
  }

  private Http.Answer send(String method, String body, String... headers) {
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 0, headers.length);
    all[headers.length] = "Request-Timeout";
    all[headers.length + 1] = "1s";
    LocalNode node = nodes.get(random.nextInt(nodes.size()));
    return Http.send(method, node.uri("/v1/kv/" + KEY), body, PATIENCE, all);
  }

  private void pause(long millis) throws InterruptedException {
    if (never.await(millis, TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("nobody ends a pause early");
    }
  }
}
