package io.lockstep.raft.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a run: a digest over all of it, and the last lines in words. Two runs of one
 * seed must have one digest; where they part is where something outside of the seed had a say.
 */
public final class Trace {
  private static final int LINES = 400;

  /** Prints each line as it comes, for a replay. Null for a silent run. */
  private final @Nullable Appendable echo;

  private final Line[] ring = new Line[LINES];
  private long count;
  private long digest = 0x6c6f636b73746570L;

  Trace(@Nullable Appendable echo) {
    this.echo = echo;
  }

  private record Line(long nanos, int node, String what, long a, long b, @Nullable Object detail) {
    @Override
    public String toString() {
      String who = node < 0 ? "--" : "n" + (node + 1);
      String text =
          String.format(Locale.ROOT, "%13.6f ms %s %-14s %d %d", nanos / 1e6, who, what, a, b);
      return detail == null ? text : text + " " + detail;
    }
  }

  /** Notes a happening of {@code node}, -1 for none. */
  public void note(long nanos, int node, String what, long a, long b) {
    note(nanos, node, what, a, b, null);
  }

  /** As above, with something for people to read that is no part of the digest. */
  public void note(long nanos, int node, String what, long a, long b, @Nullable Object detail) {
    long sum = nanos * 31 + node;
    sum = sum * 31 + what.hashCode();
    sum = sum * 31 + a;
    sum = sum * 31 + b;
    digest = Chance.mix(digest + sum);
    Line line = new Line(nanos, node, what, a, b, detail);
    ring[(int) (count++ % LINES)] = line;
    if (echo != null) {
      print(echo, line);
    }
  }

  private static void print(Appendable echo, Line line) {
    try {
      echo.append(line.toString()).append('\n');
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  public long digest() {
    return digest;
  }

  /** How many happenings were noted. */
  public long count() {
    return count;
  }

  /** The last {@code most} happenings, oldest first. */
  public List<String> last(int most) {
    List<String> lines = new ArrayList<>();
    for (long i = Math.max(0, count - Math.min(most, LINES)); i < count; i++) {
      lines.add(ring[(int) (i % LINES)].toString());
    }
    return lines;
  }
}
