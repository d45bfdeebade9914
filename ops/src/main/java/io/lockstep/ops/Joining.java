package io.lockstep.ops;

import io.lockstep.http.ClusterPage;
import io.lockstep.ops.config.NodeConfig;
import io.lockstep.ops.config.NodeConfig.Join;
import io.lockstep.raft.Contact;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.Joined;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.file.DataDirectory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a cluster to take this node in as a learner, and makes durable that it did. A node that fell
 * in between asks again, and finds that it is a member already.
 */
final class Joining {
  private static final Logger LOG = LoggerFactory.getLogger(Joining.class);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 500;
  private static final long PATIENCE_MILLIS = 60_000;

  private final NodeConfig config;
  private final Join join;
  private final DataDirectory directory;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  private Joining(NodeConfig config, Join join, DataDirectory directory) {
    this.config = config;
    this.join = join;
    this.directory = directory;
  }

  /** Returns when the directory belongs to the cluster. */
  static void run(NodeConfig config, Join join, DataDirectory directory) throws StartRefused {
    new Joining(config, join, directory).run();
  }

  private void run() throws StartRefused {
    LOG.info("{} asks {} to be taken in", config.id(), join.url());
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    String last;
    do {
      HttpResponse<String> answer = send("POST", "/v1/cluster/members", body());
      if (answer != null && answer.statusCode() == 201) {
        keep(page(answer));
        return;
      }
      if (answer != null && isMember(answer)) {
        return;
      }
      last = answer == null ? "no answer" : refusal(answer);
      pause();
    } while (System.nanoTime() - deadline < 0);
    throw refused("no cluster at " + join.url() + " took it in within a minute: " + last);
  }

  /** The text of a refusal that may pass; any other ends the start. */
  private String refusal(HttpResponse<String> answer) throws StartRefused {
    String code = ClusterPage.problem(answer.body());
    String text = answer.statusCode() + " " + code + ": " + ClusterPage.detail(answer.body());
    boolean passes =
        answer.statusCode() >= 500
            || code.equals("change-in-flight")
            || code.equals("already-member") && !isListed();
    if (!passes) {
      throw refused("the cluster at " + join.url() + " does not take it in: " + text);
    }
    return text;
  }

  /** Whether the answer to an earlier request was lost, and this directory is a member's. */
  private boolean isMember(HttpResponse<String> answer) throws StartRefused {
    if (!ClusterPage.problem(answer.body()).equals("already-member")) {
      return false;
    }
    ClusterPage page = look();
    String own = directory.identity().storage().text();
    if (page == null || page.members().stream().noneMatch(each -> isOwn(each, own))) {
      return false;
    }
    keep(page);
    return true;
  }

  private boolean isOwn(Contact member, String storage) {
    return member.id().equals(config.id()) && member.storage().equals(storage);
  }

  /** Whether the node asked knows of a member of this name: it may lack the latest entry. */
  private boolean isListed() throws StartRefused {
    ClusterPage page = look();
    return page != null
        && page.members().stream().anyMatch(member -> member.id().equals(config.id()));
  }

  private @Nullable ClusterPage look() throws StartRefused {
    HttpResponse<String> shown = send("GET", "/v1/cluster", "");
    return shown == null || shown.statusCode() != 200 ? null : page(shown);
  }

  private ClusterPage page(HttpResponse<String> answer) throws StartRefused {
    try {
      return ClusterPage.parse(answer.body());
    } catch (IllegalArgumentException foreign) {
      throw refused(join.url() + " is no Lockstep node: " + foreign.getMessage(), foreign);
    }
  }

  private void keep(ClusterPage page) throws StartRefused {
    SortedMap<NodeId, StorageId> members = new TreeMap<>();
    try {
      for (Contact member : page.members()) {
        members.put(member.id(), new StorageId(member.storage()));
      }
      Identity joined = directory.identity().join(page.cluster(), members);
      directory.join(joined, new Joined(page.founders(), page.members()));
    } catch (IOException | IllegalArgumentException failed) {
      throw refused("what the cluster says cannot be kept: " + failed.getMessage(), failed);
    }
    LOG.info("{} was taken into cluster {}", config.id(), page.cluster());
  }

  private String body() {
    NodeId replaces = join.replaces();
    return "{\"id\":\""
        + config.id()
        + "\",\"peer\":\""
        + config.peer()
        + "\",\"client\":\""
        + config.clientUrl()
        + "\",\"storage_id\":\""
        + directory.identity().storage()
        + "\",\"role\":\""
        + (join.observer() ? "observer" : "voter")
        + (replaces == null ? "" : "\",\"replaces\":\"" + replaces)
        + "\"}";
  }

  private @Nullable HttpResponse<String> send(String method, String path, String body)
      throws StartRefused {
    URI target = URI.create(join.url() + path);
    HttpRequest request =
        HttpRequest.newBuilder(target)
            .timeout(ANSWER)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    try {
      return client.send(request, BodyHandlers.ofString());
    } catch (IOException noAnswer) {
      LOG.info("{} {}: {}", method, target, noAnswer.toString());
      return null;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw refused("interrupted", interrupted);
    }
  }

  private void pause() throws StartRefused {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw refused("interrupted", interrupted);
    }
  }

  private StartRefused refused(String why) {
    return new StartRefused(ExitCode.IDENTITY_REFUSED, config.id() + ": " + why);
  }

  private StartRefused refused(String why, Throwable cause) {
    return new StartRefused(ExitCode.IDENTITY_REFUSED, config.id() + ": " + why, cause);
  }
}
