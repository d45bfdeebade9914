package io.lockstep.ops.process;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The members of a cluster, as its nodes tell them, and as an operator changes them. */
final class Members {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Pattern MEMBER =
      Pattern.compile("\\{\"id\":\"([^\"]+)\",\"role\":\"([a-z]+)\"");

  private Members() {}

  /** The ids with this role, as {@code node} says, in order. */
  static List<String> ids(LocalNode node, String role) {
    return ids(Http.get(node.uri("/v1/cluster"), ANSWER), role);
  }

  private static List<String> ids(Http.Answer page, String role) {
    Matcher matcher = MEMBER.matcher(page.body());
    return matcher.results().filter(r -> r.group(2).equals(role)).map(r -> r.group(1)).toList();
  }

  /** Waits until {@code node} knows these voters, and no change of them is under way. */
  static void awaitVoters(LocalNode node, List<String> voters) {
    List<String> expected = voters.stream().sorted().toList();
    Awaitility.await(node.id + " goes by " + expected)
        .atMost(PATIENCE)
        .until(
            () -> {
              Http.Answer page = Http.get(node.uri("/v1/cluster"), ANSWER);
              return ids(page, "voter").equals(expected)
                  && page.body().contains("\"change_in_flight\":false");
            });
  }

  /** Removes {@code id}, asking again while leaders change; returns when it is gone. */
  static void remove(List<LocalNode> nodes, String id) {
    Awaitility.await(id + " is removed")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              LocalNode any =
                  nodes.stream()
                      .filter(node -> node.alive() && !node.id.equals(id))
                      .findFirst()
                      .orElseThrow();
              Http.Answer answer =
                  Http.send("DELETE", any.uri("/v1/cluster/members/" + id), "", ANSWER);
              return answer.status() == 200 || answer.status() == 404;
            });
  }
}
