package io.lockstep.ops.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Plain HTTP for tests: an exchange that got no answer has status 0. */
final class Http {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  private static final CountDownLatch NEVER = new CountDownLatch(1);

  private Http() {}

  /**
   * An answer.
   *
   * @param status 0 when none came
   * @param failure why none came; null when one did
   */
  record Answer(
      int status, String body, @Nullable HttpResponse<String> raw, @Nullable IOException failure) {
    /** The number in the first {@code "name":123} of the body; -1 when there is none. */
    long number(String name) {
      Matcher matcher = Pattern.compile("\"" + name + "\" *: *(-?[0-9]+)").matcher(body);
      return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
    }

    /** The text in the first {@code "name":"text"} of the body; empty when there is none. */
    String text(String name) {
      Matcher matcher = Pattern.compile("\"" + name + "\" *: *\"([^\"]*)\"").matcher(body);
      return matcher.find() ? matcher.group(1) : "";
    }

    /** The number in this header; -1 when there is none, or something else. */
    long header(String name) {
      String value = raw == null ? "" : raw.headers().firstValue(name).orElse("");
      return value.matches("[0-9]{1,18}") ? Long.parseLong(value) : -1;
    }

    /** Whether the service says for certain that nothing happened. */
    boolean notApplied() {
      return "not_applied".equals(text("outcome"));
    }

    /** Whether the service has too much to do just now, and has not begun with this. */
    boolean overloaded() {
      return notApplied() && text("code").equals("overloaded");
    }
  }

  /**
   * As {@link #send}, by a client who comes again as it is told to while the service is overloaded
   * and says that nothing was done, for {@code timeout} at most.
   */
  static Answer comeAgain(
      String method, URI uri, String body, Duration timeout, String... headers) {
    long endNanos = System.nanoTime() + timeout.toNanos();
    Answer answer = send(method, uri, body, timeout, headers);
    while (answer.overloaded() && pause(answer.number("retry_after_ms"), endNanos)) {
      answer = send(method, uri, body, timeout, headers);
    }
    return answer;
  }

  /** Lets so much time pass; false if it would be over the end. */
  private static boolean pause(long millis, long endNanos) {
    try {
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
      return millis < leftMillis && !NEVER.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  static Answer get(URI uri, Duration timeout) {
    return send("GET", uri, "", timeout);
  }

  static Answer send(String method, URI uri, String body, Duration timeout, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<String> response = CLIENT.send(request.build(), BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body(), response, null);
    } catch (IOException none) {
      return new Answer(0, String.valueOf(none.getMessage()), null, none);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return new Answer(0, "interrupted", null, null);
    }
  }
}
