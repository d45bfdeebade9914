package io.lockstep.ops.process;

import io.lockstep.raft.sim.check.WatchCompleteness.Frame;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One connection of a watcher of a prefix. */
final class WatchStream implements AutoCloseable {
  private static final Pattern REVISION = Pattern.compile("\"revision\":([0-9]+)");
  private static final Pattern EVENT =
      Pattern.compile(
          "\\{\"type\":\"(put|delete|expire)\",\"key\":\"([^\"]*)\"(?:,\"value\":\"([^\"]*)\")?");

  private final HttpURLConnection connection;
  private final @Nullable BufferedReader lines;

  /** What a node tells a watcher. */
  sealed interface Line {
    record Changes(Frame frame) implements Line {}

    /** Nothing up to the revision is missing. */
    record Progress(long revision) implements Line {}

    /** What was asked for is no longer there. */
    record Gap(String text) implements Line {}

    record Other(String text) implements Line {}
  }

  /** Opens one that gives up when nothing comes for {@code silenceMillisMax}. */
  WatchStream(LocalNode node, String prefix, long from, int silenceMillisMax) throws IOException {
    this(node, prefix + "?prefix&from=" + from, silenceMillisMax);
  }

  private WatchStream(LocalNode node, String what, int silenceMillisMax) throws IOException {
    connection = (HttpURLConnection) node.uri("/v1/watch/" + what).toURL().openConnection();
    connection.setRequestProperty("Accept", "application/x-ndjson");
    connection.setConnectTimeout(1_000);
    connection.setReadTimeout(silenceMillisMax);
    lines =
        connection.getResponseCode() == 200
            ? new BufferedReader(
                new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))
            : null;
  }

  /** One of a lock: its frames name revisions and no key. */
  static WatchStream ofLock(LocalNode node, String lock, long from, int silenceMillisMax)
      throws IOException {
    return new WatchStream(node, lock + "?kind=lock&from=" + from, silenceMillisMax);
  }

  /** The next so many changes of a prefix from a revision on, as one node tells them. */
  static List<Frame> changes(LocalNode node, String prefix, long from, int count)
      throws IOException {
    List<Frame> frames = new ArrayList<>();
    try (WatchStream watch = new WatchStream(node, prefix, from, 30_000)) {
      while (frames.size() < count) {
        frames.add(watch.nextChanges());
      }
    }
    return frames;
  }

  /** The next changes, whatever else comes before. */
  Frame nextChanges() throws IOException {
    Line line = next();
    while (line != null && !(line instanceof Line.Changes)) {
      line = next();
    }
    if (line instanceof Line.Changes(Frame frame)) {
      return frame;
    }
    throw new IOException("the stream ended");
  }

  /** The next line; null at the end. */
  @Nullable Line next() throws IOException {
    if (lines == null) {
      return connection.getResponseCode() == 410 ? new Line.Gap("410") : null;
    }
    String line = lines.readLine();
    return line == null ? null : parse(line);
  }

  private static Line parse(String line) {
    Matcher revision = REVISION.matcher(line);
    long number = revision.find() ? Long.parseLong(revision.group(1)) : -1;
    if (line.contains("\"event\":\"gap\"")) {
      return new Line.Gap(line);
    }
    if (line.contains("\"event\":\"progress\"")) {
      return new Line.Progress(number);
    }
    if (!line.contains("\"event\":\"change\"")) {
      return new Line.Other(line);
    }
    List<String> changes = new ArrayList<>();
    Matcher event = EVENT.matcher(line);
    while (event.find()) {
      changes.add(
          switch (event.group(1)) {
            case "put" -> Change.put(event.group(2), event.group(3));
            case "expire" -> Change.expire(event.group(2));
            default -> Change.delete(event.group(2));
          });
    }
    return new Line.Changes(new Frame(number, changes));
  }

  @Override
  public void close() {
    connection.disconnect();
  }
}
