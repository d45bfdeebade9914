package io.lockstep.http.server;

import io.lockstep.http.error.Problem;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the operator's log says of single requests: those that failed through no fault of their
 * client, writes that took long, and what is audited. Of a request it names ids, route and code;
 * never a key, a value, a header or what a problem says in detail: an audit line alone says what
 * was done to what. Of each other kind there are a few lines a second, with the number left out:
 * under overload the log must not be the next thing to fill up. Owned by a loop.
 */
final class RequestLog {
  private static final Logger LOGGER = LoggerFactory.getLogger(Exchange.class);
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int LINES_PER_WINDOW_MAX = 5;

  private final BiConsumer<String, @Nullable Throwable> lines;
  private final Kind bugs = new Kind();
  private final Kind failures = new Kind();
  private final Kind slow = new Kind();

  /**
   * A request as the log names it.
   *
   * @param route one of a small fixed set of names
   * @param traceId null when it belongs to no trace
   */
  record Named(String route, String id, @Nullable String traceId) {
    @Override
    public String toString() {
      String trace = traceId == null ? "" : " trace_id=" + traceId;
      return "route=\"" + route + "\" request_id=" + id + trace;
    }
  }

  /** One kind of line, and how many there were lately. */
  private static final class Kind {
    private long sinceNanos;
    private int told;
    private long leftOut;

    /** What to append to a line that may be written now; null for none. */
    @Nullable String admit(long nowNanos) {
      if (told == 0 || nowNanos - sinceNanos >= WINDOW_NANOS) {
        sinceNanos = nowNanos;
        told = 0;
      }
      if (told == LINES_PER_WINDOW_MAX) {
        leftOut++;
        return null;
      }
      told++;
      String more = leftOut == 0 ? "" : "; " + leftOut + " more like it before";
      leftOut = 0;
      return more;
    }
  }

  RequestLog() {
    this(
        (line, cause) -> {
          if (cause == null) {
            LOGGER.warn(line);
          } else {
            LOGGER.error(line, cause);
          }
        });
  }

  /** Hands each line to {@code lines}, that of a bug with its cause. */
  RequestLog(BiConsumer<String, @Nullable Throwable> lines) {
    this.lines = lines;
  }

  /** Serving a request threw what it must not throw. */
  void bug(Named request, RuntimeException cause, long nowNanos) {
    String more = bugs.admit(nowNanos);
    if (more != null) {
      lines.accept("request failed: " + request + more, cause);
    }
  }

  /** Something was done that an operator answers for: never left out. */
  void audit(Named request, String what) {
    lines.accept("audit: " + what + " " + request, null);
  }

  /** A request was answered with a 5xx status. */
  void failed(Named request, Problem problem, long nanos, long nowNanos) {
    String more = failures.admit(nowNanos);
    if (more != null) {
      String answer = problem.status() + " after " + millis(nanos) + " ms";
      String what = "code=" + problem.code().text() + " outcome=" + problem.fate().text();
      lines.accept("request answered " + answer + ": " + what + " " + request + more, null);
    }
  }

  /**
   * A write took longer than its limit.
   *
   * @param timing where its time went, null when that is not known
   */
  void slow(Named request, int status, @Nullable String timing, long nanos, long nowNanos) {
    String more = slow.admit(nowNanos);
    if (more != null) {
      String spans = timing == null ? "" : " timing=[" + timing + "]";
      String what = "slow write, " + millis(nanos) + " ms: status=" + status + spans;
      lines.accept(what + " " + request + more, null);
    }
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
