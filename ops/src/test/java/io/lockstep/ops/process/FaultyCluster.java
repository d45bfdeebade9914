package io.lockstep.ops.process;

import io.lockstep.raft.peer.LinkProxy;
import io.lockstep.raft.peer.LinkProxy.Way;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Real nodes on loopback that reach each other through proxies only, one for each direction of each
 * pair: a node's {@code --cluster} names the proxies in its peers' places. As a node sends to a
 * peer on the connection that it dialed itself, the proxy from one to the other carries all
 * messages that way, and nothing of the messages the other way.
 */
final class FaultyCluster implements AutoCloseable {
  private static final int DISK_MEBIBYTES = 2_048;
  private static final Duration READY = Duration.ofSeconds(60);

  final LocalCluster local;
  final List<LocalNode> nodes;
  final Random random;
  private final TreeMap<Direction, LinkProxy> proxies = new TreeMap<>();
  private final TreeMap<String, DiskImage> disks = new TreeMap<>();

  /** From one node to another. */
  record Direction(String from, String to) implements Comparable<Direction> {
    @Override
    public int compareTo(Direction other) {
      return Comparator.comparing(Direction::from)
          .thenComparing(Direction::to)
          .compare(this, other);
    }
  }

  private FaultyCluster(LocalCluster local, long seed) {
    this.local = local;
    this.random = new Random(seed);
    this.nodes = local.nodes;
  }

  /**
   * Lays out {@code size} nodes and starts their proxies, but not them.
   *
   * @param seed what is left to chance follows from it
   */
  static FaultyCluster of(int size, Path directory, long seed) throws IOException {
    FaultyCluster cluster = new FaultyCluster(LocalCluster.of(size, directory), seed);
    for (LocalNode from : cluster.nodes) {
      List<String> addresses = new ArrayList<>();
      for (LocalNode to : cluster.nodes) {
        int port = to.peerPort;
        if (to != from) {
          LinkProxy proxy = LinkProxy.to(to.peerPort);
          cluster.proxies.put(new Direction(from.id, to.id), proxy);
          port = proxy.port();
        }
        addresses.add(to.id + "=127.0.0.1:" + port);
      }
      from.cluster(String.join(",", addresses));
    }
    return cluster;
  }

  static FaultyCluster started(int size, Path directory, long seed) throws IOException {
    FaultyCluster cluster = of(size, directory, seed);
    cluster.start();
    return cluster;
  }

  void start() throws IOException {
    try {
      local.startAll();
    } catch (IOException | RuntimeException | Error failed) {
      close();
      throw failed;
    }
  }

  /** Before the start: every node gets a file system of its own, and small segments on it. */
  void useDiskImages() throws IOException, InterruptedException {
    for (LocalNode node : nodes) {
      if (!disks.containsKey(node.id)) {
        disks.put(node.id, DiskImage.behind(node.data, DISK_MEBIBYTES));
        node.argument("--segment-mib", "12");
      }
    }
  }

  DiskImage disk(LocalNode node) {
    return Objects.requireNonNull(disks.get(node.id), "useDiskImages() before the start");
  }

  /** So many of {@code candidates}, in an order that chance decides. */
  List<LocalNode> some(int count, List<LocalNode> candidates) {
    List<LocalNode> shuffled = new ArrayList<>(candidates);
    Collections.shuffle(shuffled, random);
    return List.copyOf(shuffled.subList(0, count));
  }

  void awaitReady() {
    nodes.forEach(node -> node.awaitReady(READY));
  }

  LocalNode leader() {
    return local.leader();
  }

  LinkProxy proxy(LocalNode from, LocalNode to) {
    LinkProxy proxy = proxies.get(new Direction(from.id, to.id));
    if (proxy == null) {
      throw new IllegalArgumentException("no way from " + from.id + " to " + to.id);
    }
    return proxy;
  }

  /**
   * What {@code from} sends no longer reaches {@code to}, and nobody is told: only unanswered pings
   * tell, seconds later. What {@code to} sends still arrives.
   */
  void silence(LocalNode from, LocalNode to) {
    proxy(from, to).hold();
  }

  /** Neither hears the other any more. */
  void cut(LocalNode one, LocalNode other) {
    silence(one, other);
    silence(other, one);
  }

  /** Nobody of the one side hears anybody of the other. */
  void split(List<LocalNode> side, List<LocalNode> other) {
    for (LocalNode one : side) {
      for (LocalNode far : other) {
        cut(one, far);
      }
    }
  }

  /** Whatever is sent to {@code late} comes so much later. */
  void delayInto(LocalNode late, long millis) {
    local.except(late).forEach(from -> proxy(from, late).delay(Way.TO_TARGET, millis, millis));
  }

  void eachProxy(Consumer<LinkProxy> action) {
    proxies.values().forEach(action);
  }

  /** All links are whole again. */
  void healLinks() {
    eachProxy(LinkProxy::heal);
  }

  String logs() {
    return nodes.stream()
        .map(node -> "--- " + node.id + "\n" + node.logTail())
        .collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    try {
      for (LocalNode node : nodes) {
        if (node.alive()) {
          node.signal("CONT");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      local.close();
      eachProxy(LinkProxy::close);
      disks.values().forEach(DiskImage::close);
    }
  }
}
