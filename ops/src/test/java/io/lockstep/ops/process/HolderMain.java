package io.lockstep.ops.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process of its own that holds a lock by the holder's rule, and does what it reads line by line:
 * {@code acquire}, {@code check}, {@code put URL GUARD VALUE}. It needs nothing but the JDK.
 */
final class HolderMain {
  private final HttpClient client = HttpClient.newHttpClient();
  private long token;
  private long safeUntil;

  private HolderMain() {}

  /** Serves the lines of its input; the URL of the lock's {@code :acquire} is the argument. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    HolderMain holder = new HolderMain();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line = lines.readLine();
    while (line != null) {
      String[] words = line.split(" ", -1);
      System.out.println(
          switch (words[0]) {
            case "acquire" -> holder.acquire(arguments[0], arguments[1]);
            case "check" -> System.nanoTime() - holder.safeUntil < 0 ? "safe" : "lease lost";
            case "put" -> holder.put(words[1], words[2], words[3]);
            default -> "what is " + line;
          });
      line = lines.readLine();
    }
  }

  private String acquire(String uri, String claim) throws IOException, InterruptedException {
    long sent = System.nanoTime();
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(uri)).POST(BodyPublishers.ofString(claim)).build(),
            BodyHandlers.ofString());
    token = number(answer.body(), "token");
    long expires = number(answer.body(), "expires_in_ms");
    safeUntil = sent + expires * 1_000_000;
    return answer.statusCode() + " " + token + " " + sent + " " + System.nanoTime() + " " + expires;
  }

  /** Writes without a look at the clock; {@code TOKEN} stands for the token wherever it is. */
  private String put(String uri, String guard, String value)
      throws IOException, InterruptedException {
    String own = Long.toString(token);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(uri.replace("TOKEN", own)))
            .PUT(BodyPublishers.ofString(value));
    if (!guard.isEmpty()) {
      request.header("If-Lock", guard.replace("TOKEN", own));
    }
    return "" + client.send(request.build(), BodyHandlers.ofString()).statusCode();
  }

  private static long number(String body, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\" *: *([0-9]+)").matcher(body);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
  }
}
