package io.lockstep.ops.process;

import io.lockstep.raft.peer.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Real node processes on loopback that form one cluster. */
final class LocalCluster implements AutoCloseable {
  final List<LocalNode> nodes = new CopyOnWriteArrayList<>();
  final Path directory;
  private final List<LocalNode> laidOut = new CopyOnWriteArrayList<>();

  private LocalCluster(Path directory) {
    this.directory = directory;
  }

  /** Lays out {@code size} nodes without starting them. */
  static LocalCluster of(int size, Path directory) throws IOException {
    LocalCluster cluster = new LocalCluster(directory);
    List<Integer> ports = freePorts(2 * size);
    for (int i = 0; i < size; i++) {
      LocalNode node = new LocalNode("n" + (i + 1), ports.get(i), ports.get(size + i), directory);
      cluster.nodes.add(node);
      cluster.laidOut.add(node);
      node.accounts(cluster::accounts);
    }
    String text =
        cluster.nodes.stream()
            .map(node -> node.id + "=127.0.0.1:" + node.peerPort)
            .collect(Collectors.joining(","));
    cluster.nodes.forEach(node -> node.cluster(text));
    return cluster;
  }

  static LocalCluster started(int size, Path directory) throws IOException {
    LocalCluster cluster = of(size, directory);
    try {
      cluster.startAll();
    } catch (IOException | RuntimeException | Error failed) {
      cluster.close();
      throw failed;
    }
    return cluster;
  }

  void startAll() throws IOException {
    for (LocalNode node : nodes) {
      if (!node.alive()) {
        node.start();
      }
    }
    nodes.forEach(node -> node.awaitReady(Duration.ofSeconds(60)));
  }

  /** Waits until some live node names a live leader, and returns that leader. */
  LocalNode leader() {
    List<LocalNode> found = new ArrayList<>();
    Awaitility.await("a leader")
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              found.clear();
              for (LocalNode node : nodes) {
                if (node.alive()) {
                  String name =
                      Http.get(node.uri("/v1/cluster"), Duration.ofSeconds(1)).text("leader");
                  nodes.stream()
                      .filter(other -> other.id.equals(name) && other.alive())
                      .forEach(found::add);
                }
              }
              return !found.isEmpty();
            });
    return found.getFirst();
  }

  /** Lays out one more node that is to be taken in by what is there. */
  LocalNode joiner(String id) throws IOException {
    return layOut(id, directory).argument("--join", nodes.getFirst().uri("").toString());
  }

  /** Lays out one more node, which is none of {@link #nodes} yet. */
  LocalNode layOut(String id, Path place) throws IOException {
    return layOut(id, place, freePorts(1).getFirst());
  }

  /** One that listens for peers at a port that is known to be free. */
  LocalNode layOut(String id, Path place, int peerPort) throws IOException {
    LocalNode made = new LocalNode(id, freePorts(1).getFirst(), peerPort, place);
    laidOut.add(made);
    made.accounts(this::accounts);
    return made;
  }

  List<LocalNode> except(LocalNode node) {
    return nodes.stream().filter(other -> other != node).toList();
  }

  /**
   * Waits until all nodes have applied the same index and have the same state hash; returns the
   * hash.
   */
  String awaitEqualHashes() {
    return awaitEqualHashes(nodes);
  }

  /** The same of these nodes. */
  static String awaitEqualHashes(List<LocalNode> nodes) {
    List<String> hashes = new ArrayList<>();
    Awaitility.await("equal state hashes")
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              hashes.clear();
              for (LocalNode node : nodes) {
                Http.Answer answer =
                    Http.get(node.uri("/v1/cluster?verbose"), Duration.ofSeconds(5));
                hashes.add(answer.number("applied_index") + ":" + answer.text("state_hash"));
              }
              return hashes.stream().distinct().count() == 1 && !hashes.getFirst().endsWith(":");
            });
    return hashes.getFirst();
  }

  String logs() {
    return nodes.stream()
        .map(node -> "--- " + node.id + "\n" + node.logTail())
        .collect(Collectors.joining("\n"));
  }

  /** What each node says of itself, wrote last and does, for whoever looks for a cause. */
  String accounts() {
    return all().stream()
        .map(node -> "--- " + node.id + "\n" + node.account())
        .collect(Collectors.joining("\n"));
  }

  private Set<LocalNode> all() {
    Set<LocalNode> all = new LinkedHashSet<>(laidOut);
    all.addAll(nodes);
    return all;
  }

  /** Ends all nodes; fails if one had ended that the test did not end, nor waited for. */
  @Override
  public void close() {
    List<String> ended = new ArrayList<>();
    for (LocalNode node : all()) {
      if (node.endedUnnoticed()) {
        ended.add(node.id + " ended by itself\n" + node.logTail());
      } else if (node.alive()) {
        try {
          node.kill9();
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
    if (!ended.isEmpty()) {
      throw new AssertionError(String.join("\n", ended));
    }
  }

  /** See {@link Ports}. */
  static List<Integer> freePorts(int count) {
    return Stream.generate(Ports::free).limit(count).toList();
  }
}
