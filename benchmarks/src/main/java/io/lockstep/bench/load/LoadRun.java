package io.lockstep.bench.load;

import io.lockstep.bench.wire.Answer;
import io.lockstep.bench.wire.AnswerParser;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;

/**
 * One run of load over keep-alive connections, all owned by one event loop. Closed loop: each
 * client sends its next request when the one before is answered. Open loop: requests are due at a
 * fixed rate, and latency counts from when a request was due, so that a stalled server cannot hide
 * its stall.
 */
public final class LoadRun {
  private static final long HIGHEST_MICROS = 60_000_000;

  private final Plan plan;
  private final Vertx vertx;
  private final NetClient client;
  private final Histogram latencies = new Histogram(HIGHEST_MICROS, 3);
  private final ServerParts parts = new ServerParts();
  private final SortedMap<Integer, Long> statuses = new TreeMap<>();
  private final ArrayDeque<Connection> idle = new ArrayDeque<>();
  private final ArrayDeque<Long> due = new ArrayDeque<>();
  private final CompletableFuture<Result> done = new CompletableFuture<>();
  private long startNanos;
  private long measureNanos;
  private long endNanos;
  private long scheduled;
  private int open;

  /**
   * What to run.
   *
   * @param ratePerSecond 0 for a closed loop
   * @param warmupSeconds time before measuring begins
   */
  public record Plan(
      List<String> nodes,
      Work work,
      int clients,
      int ratePerSecond,
      int warmupSeconds,
      int seconds) {
    public Plan {
      nodes = List.copyOf(nodes);
    }
  }

  /**
   * What came out.
   *
   * @param latencies microseconds, of 2xx answers within the measured time
   * @param parts what the nodes say of the same answers
   */
  public record Result(
      double perSecond,
      Histogram latencies,
      ServerParts parts,
      SortedMap<Integer, Long> statuses,
      double seconds) {}

  private final class Connection {
    private final String node;
    private final NetSocket socket;
    private long sentNanos;
    private boolean waiting;

    Connection(String node, NetSocket socket) {
      this.node = node;
      this.socket = socket;
      AnswerParser parser = new AnswerParser(this::answered);
      socket.handler(parser::accept);
      socket.closeHandler(ignored -> closed());
      socket.exceptionHandler(ignored -> {});
    }

    void send(long countsFromNanos) {
      sentNanos = countsFromNanos;
      waiting = true;
      socket.write(Buffer.buffer(plan.work().next(node)));
    }

    private void answered(Answer answer) {
      waiting = false;
      long now = System.nanoTime();
      if (now >= measureNanos && now < endNanos) {
        statuses.merge(answer.status(), 1L, Long::sum);
        if (answer.status() < 300) {
          long micros = Math.min(HIGHEST_MICROS, (now - sentNanos) / 1_000);
          latencies.recordValue(micros);
          parts.record(micros, answer.head());
        }
      }
      if (now >= endNanos) {
        socket.close();
      } else if (plan.ratePerSecond() == 0) {
        send(now);
      } else if (due.isEmpty()) {
        idle.add(this);
      } else {
        send(due.poll());
      }
    }

    private void closed() {
      if (waiting) {
        statuses.merge(0, 1L, Long::sum);
      }
      open--;
      if (open == 0) {
        finish();
      }
    }
  }

  private LoadRun(Vertx vertx, Plan plan) {
    this.vertx = vertx;
    this.plan = plan;
    this.client = vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
  }

  /** Runs the plan to its end; blocks the calling thread, which is no event loop. */
  public static Result run(Vertx vertx, Plan plan) {
    LoadRun run = new LoadRun(vertx, plan);
    vertx.getOrCreateContext().runOnContext(ignored -> run.connect());
    return run.done.join();
  }

  private void connect() {
    List<Connection> connections = new ArrayList<>();
    for (int i = 0; i < plan.clients(); i++) {
      String node = plan.nodes().get(i % plan.nodes().size());
      int colon = node.lastIndexOf(':');
      client
          .connect(Integer.parseInt(node.substring(colon + 1)), node.substring(0, colon))
          .onFailure(done::completeExceptionally)
          .onSuccess(
              socket -> {
                connections.add(new Connection(node, socket));
                if (connections.size() == plan.clients()) {
                  begin(connections);
                }
              });
    }
  }

  private void begin(List<Connection> connections) {
    open = connections.size();
    startNanos = System.nanoTime();
    measureNanos = startNanos + plan.warmupSeconds() * 1_000_000_000L;
    endNanos = measureNanos + plan.seconds() * 1_000_000_000L;
    if (plan.ratePerSecond() == 0) {
      connections.forEach(connection -> connection.send(startNanos));
    } else {
      idle.addAll(connections);
      vertx.setPeriodic(1, this::release);
    }
    long grace = 1_000L * (plan.warmupSeconds() + plan.seconds()) + 5_000;
    vertx.setTimer(grace, ignored -> connections.forEach(connection -> connection.socket.close()));
  }

  private void release(long timer) {
    long now = System.nanoTime();
    if (now >= endNanos) {
      vertx.cancelTimer(timer);
      idle.forEach(connection -> connection.socket.close());
      return;
    }
    long shouldBe = (now - startNanos) / 1_000 * plan.ratePerSecond() / 1_000_000;
    for (; scheduled < shouldBe; scheduled++) {
      long dueNanos = startNanos + scheduled * 1_000_000_000L / plan.ratePerSecond();
      Connection free = idle.poll();
      if (free == null) {
        due.add(dueNanos);
      } else {
        free.send(dueNanos);
      }
    }
  }

  private void finish() {
    double seconds = plan.seconds();
    done.complete(
        new Result(latencies.getTotalCount() / seconds, latencies, parts, statuses, seconds));
  }
}
