package io.lockstep.ops.process;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A client of one PostgreSQL server that inserts one row after another, whether the server takes
 * writes or not, and keeps what was acknowledged.
 */
final class RowWriter implements AutoCloseable {
  private static final long PAUSE_MILLIS = 20;
  static final String TIMELINE = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";

  private final PatroniNode server;
  private final AtomicLong numbers;
  private final Queue<Row> acknowledged;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final ScheduledFuture<?> writing;
  private volatile @Nullable Process psql;
  private BufferedWriter to;
  private BufferedReader from;

  /**
   * A row that was acknowledged.
   *
   * @param timeline of the server then: each promotion begins a new one
   * @param begin before it was sent
   * @param end after the answer had come
   */
  record Row(long number, String server, String timeline, long begin, long end) {}

  /** Begins to write to a server; numbers and rows are those of all writers together. */
  RowWriter(PatroniNode server, AtomicLong numbers, Queue<Row> acknowledged) {
    this.server = server;
    this.numbers = numbers;
    this.acknowledged = acknowledged;
    writing = clock.scheduleWithFixedDelay(this::next, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Runs one text of SQL on a server; returns its lines. */
  static List<String> ask(PatroniNode server, String sql) throws IOException, InterruptedException {
    Process asked = psql(server, "-v", "ON_ERROR_STOP=1", "-c", sql);
    asked.getOutputStream().close();
    String text = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (asked.waitFor() != 0) {
      throw new AssertionError(server.name + " refused " + sql);
    }
    return text.lines().toList();
  }

  private static Process psql(PatroniNode server, String... more) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-U", "postgres");
    builder.command().addAll(List.of("-p", Integer.toString(server.port)));
    builder.command().addAll(List.of(more));
    builder.environment().putAll(Map.of("PGCONNECT_TIMEOUT", "2", "PGDATABASE", "postgres"));
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return builder.start();
  }

  private void next() {
    try {
      Process running = psql;
      if (running == null || !running.isAlive()) {
        running = psql(server);
        psql = running;
        to = running.outputWriter(StandardCharsets.UTF_8);
        from = running.inputReader(StandardCharsets.UTF_8);
      }
      if (!clock.isShutdown()) {
        insert(numbers.incrementAndGet());
      }
    } catch (IOException gone) {
      // What was sent is unknown, and counts as not acknowledged; the next one connects anew.
      end();
    }
  }

  private void insert(long number) throws IOException {
    long begin = System.nanoTime();
    to.write("INSERT INTO rows SELECT " + number + ", " + TIMELINE + " RETURNING line;\n");
    to.write("\\echo done :ERROR\n");
    to.flush();
    String timeline = "";
    for (String line = from.readLine(); ; line = from.readLine()) {
      if (line == null) {
        throw new IOException("the connection is gone");
      }
      if (line.startsWith("done ")) {
        if (line.equals("done false") && !timeline.isEmpty()) {
          acknowledged.add(new Row(number, server.name, timeline, begin, System.nanoTime()));
        }
        return;
      }
      timeline = line;
    }
  }

  private void end() {
    Process running = psql;
    if (running != null) {
      running.destroyForcibly();
    }
  }

  /** Writes no more; whoever waits for an answer hears that the connection is gone. */
  @Override
  public void close() {
    if (writing.state() == Future.State.FAILED) {
      throw new IllegalStateException("nothing was written any more", writing.exceptionNow());
    }
    clock.shutdown();
    end();
    clock.close();
    end();
  }
}
