package io.lockstep.ops.process;

import io.lockstep.raft.sim.check.Violation;
import io.lockstep.raft.sim.check.WatchCompleteness.Frame;
import io.lockstep.raft.sim.check.WatchCompleteness.Watcher;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client that watches a prefix and goes on at another node after the last revision that it saw:
 * when its connection breaks, when nothing comes for a while, and now and then for no reason.
 */
final class WatchingClient implements Runnable {
  private static final int SILENCE_MILLIS_MAX = 2_000;
  private static final Pattern REVISION = Pattern.compile("\"revision\":([0-9]+)");
  private static final Pattern EVENT =
      Pattern.compile(
          "\\{\"type\":\"(put|delete)\",\"key\":\"([^\"]*)\"(?:,\"value\":\"([^\"]*)\")?");

  private final Asking asking;
  private final String name;
  private final String prefix;
  private final long from;
  private final List<Frame> frames = new ArrayList<>();
  private final AtomicLong completeUpTo = new AtomicLong();
  private boolean gap;

  WatchingClient(Asking asking, String name, String prefix, long from) {
    this.asking = asking;
    this.name = name;
    this.prefix = prefix;
    this.from = from;
    completeUpTo.set(from - 1);
  }

  /** Up to this revision the watcher has seen all. */
  long completeUpTo() {
    return completeUpTo.get();
  }

  @Override
  public void run() {
    try {
      while (!asking.isStopped() && !gap) {
        watch(asking.node());
        asking.pause(20);
      }
      asking.history.add(
          new Watcher(
              name,
              from,
              change -> change.contains(" " + prefix),
              List.copyOf(frames),
              completeUpTo.get()));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads until something breaks. */
  private void watch(LocalNode node) {
    long next = completeUpTo.get() + 1;
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              node.uri("/v1/watch/" + prefix + "?prefix&from=" + next).toURL().openConnection();
      connection.setRequestProperty("Accept", "application/x-ndjson");
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(SILENCE_MILLIS_MAX);
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
        String line = lines.readLine();
        while (line != null && !asking.isStopped() && asking.random.nextInt(300) != 0) {
          hear(line);
          line = lines.readLine();
        }
      } finally {
        if (connection.getResponseCode() == 410) {
          gap("410");
        }
        connection.disconnect();
      }
    } catch (IOException broken) {
      // Then the next node goes on where this one ended.
      completeUpTo.get();
    }
  }

  private void hear(String line) {
    Matcher revision = REVISION.matcher(line);
    if (line.contains("\"event\":\"gap\"")) {
      gap(line);
    } else if (line.contains("\"event\":\"change\"") && revision.find()) {
      List<String> changes = new ArrayList<>();
      Matcher event = EVENT.matcher(line);
      while (event.find()) {
        changes.add(
            "put".equals(event.group(1))
                ? Change.put(event.group(2), event.group(3))
                : Change.delete(event.group(2)));
      }
      long number = Long.parseLong(revision.group(1));
      frames.add(new Frame(number, changes));
      completeUpTo.accumulateAndGet(number, Math::max);
    } else if (line.contains("\"event\":\"progress\"") && revision.find()) {
      completeUpTo.accumulateAndGet(Long.parseLong(revision.group(1)), Math::max);
    }
  }

  private void gap(String what) {
    gap = true;
    asking.history.report(new Violation("a watcher that keeps up sees no gap", name + " " + what));
  }
}
