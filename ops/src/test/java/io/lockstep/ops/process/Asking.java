package io.lockstep.ops.process;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What every client of a run has: nodes to ask, one at random for each request; a deadline; and a
 * pace.
 */
final class Asking {
  /** The service answers by then. */
  static final Duration DEADLINE = Duration.ofSeconds(2);

  /** Nobody waits longer for a socket. */
  static final Duration PATIENCE = Duration.ofMillis(3_500);

  final History history;
  final Random random;
  private final Supplier<List<LocalNode>> nodes;
  private final CountDownLatch stopped;

  /**
   * Makes one client's.
   *
   * @param nodes those that are there when it asks, as a list that stays as it is
   */
  Asking(History history, Supplier<List<LocalNode>> nodes, CountDownLatch stopped, long seed) {
    this.history = history;
    this.nodes = nodes;
    this.stopped = stopped;
    this.random = new Random(seed);
  }

  LocalNode node() {
    List<LocalNode> there = nodes.get();
    return there.get(random.nextInt(there.size()));
  }

  boolean isStopped() {
    return stopped.getCount() == 0;
  }

  /** Lets some time pass, unless the clients stop; returns whether they go on. */
  boolean pause(long millis) throws InterruptedException {
    return !stopped.await(millis, TimeUnit.MILLISECONDS);
  }

  Http.Answer send(String method, String path, String body, String... headers) {
    return send(node(), method, path, body, headers);
  }

  Http.Answer send(LocalNode node, String method, String path, String body, String... headers) {
    history.begins();
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 0, headers.length);
    all[headers.length] = "Request-Timeout";
    all[headers.length + 1] = DEADLINE.toMillis() + "ms";
    Http.Answer answer = Http.send(method, node.uri(path), body, PATIENCE, all);
    if (answer.status() != 0 && answer.status() < 500 && answer.status() != 429) {
      history.answered();
    }
    return answer;
  }

  /** Whether {@code answer} leaves no doubt that nothing happened. */
  static boolean nothingHappened(Http.Answer answer) {
    return answer.notApplied()
        || answer.failure() instanceof ConnectException
        || answer.failure() instanceof HttpConnectTimeoutException;
  }
}
