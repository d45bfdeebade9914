package io.lockstep.ops.process;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A client that draws numbers from a sequence, through whichever node. What it draws with an
 * idempotency key it asks for until it knows; without one, an answer that is lost loses its
 * numbers.
 */
final class NumberClient implements Runnable {
  /** Where numbers are drawn from. */
  static final String SEQUENCE = "/v1/ids/users-id:next";

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
  private long lost;

  /**
   * Makes a client.
   *
   * @param size so many at once
   * @param pauseMillis how long it takes to use them up
   * @param stop lets it end after those that it has
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
        long first = draw();
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

  /** How many numbers it may have been given and does not know; asked when it has ended. */
  long lost() {
    return lost;
  }

  /** Tries once, or with a key until it is told; returns the first number, or 0 without any. */
  long draw() throws InterruptedException {
    String[] key =
        ++requests % 2 == 0
            ? new String[] {"Idempotency-Key", name + "-" + requests}
            : new String[0];
    Http.Answer answer = send(key);
    while (answer.status() != 200 && key.length > 0) {
      lost += answer.notApplied() ? 0 : size;
      pause(20);
      answer = send(key);
    }
    if (answer.status() == 200) {
      return Long.parseLong(answer.text("first"));
    }
    lost += answer.notApplied() ? 0 : size;
    pause(20);
    return 0;
  }

  private Http.Answer send(String... headers) {
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 0, headers.length);
    all[headers.length] = "Request-Timeout";
    all[headers.length + 1] = "1s";
    LocalNode node = nodes.get(random.nextInt(nodes.size()));
    return Http.send("POST", node.uri(SEQUENCE + "?count=" + size), "", PATIENCE, all);
  }

  private void pause(long millis) throws InterruptedException {
    if (never.await(millis, TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("nobody ends a pause early");
    }
  }
}
