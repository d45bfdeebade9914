package io.lockstep.ops.process;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** Real node processes on loopback that form one cluster. */
final class LocalCluster implements AutoCloseable {
  private static final ConcurrentHashMap<String, Integer> NEXT = new ConcurrentHashMap<>();

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

  @Override
  public void close() {
    List<LocalNode> all = new ArrayList<>(laidOut);
    all.addAll(nodes);
    for (LocalNode node : all) {
      if (node.alive()) {
        try {
          node.kill9();
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /**
   * Ports that nobody listens on, below the range from which the system takes the ports of outgoing
   * connections: so that a node that is down for a while finds its port free when it comes back.
   */
  static List<Integer> freePorts(int count) throws IOException {
    List<Integer> free = new ArrayList<>();
    int port = 10_000 + (int) (ProcessHandle.current().pid() * 97 % 15_000);
    while (free.size() < count) {
      port++;
      Integer candidate = NEXT.merge("port", port, (before, start) -> Math.max(before + 1, start));
      try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
        free.add(socket.getLocalPort());
      } catch (BindException taken) {
        // Somebody has it: the next one, then.
      }
    }
    return free;
  }
}
