package io.lockstep.http.v1;

import io.lockstep.raft.node.Timing;

/** The value of the header {@code Server-Timing} of W3C Server Timing: spans in milliseconds. */
final class ServerTiming {
  private static final int LENGTH = 80;
  private static final long NANOS_PER_MICRO = 1_000;
  private static final long MICROS_PER_MILLI = 1_000;

  private ServerTiming() {}

  /** To the microsecond, rounded down, so that parts never add up to more than their whole. */
  static String of(Timing timing) {
    StringBuilder text = new StringBuilder(LENGTH);
    span(text.append("queue"), timing.queueNanos());
    text.append(", fsync");
    if (timing.forceNanos() == Timing.NOT_FORCED) {
      text.append(";desc=\"not awaited\"");
    } else {
      span(text, timing.forceNanos());
    }
    span(text.append(", replicate"), timing.replicateNanos());
    span(text.append(", apply"), timing.applyNanos());
    return text.toString();
  }

  private static void span(StringBuilder text, long nanos) {
    long micros = nanos / NANOS_PER_MICRO;
    long rest = micros % MICROS_PER_MILLI;
    text.append(";dur=").append(micros / MICROS_PER_MILLI).append('.');
    text.append(rest < 100 ? "0" : "").append(rest < 10 ? "0" : "").append(rest);
  }
}
