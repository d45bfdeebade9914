package io.lockstep.ops.process;

import io.lockstep.raft.peer.LinkProxy;
import io.lockstep.raft.peer.LinkProxy.Way;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Real nodes on loopback that reach each other through proxies only, one for each direction of each
 * pair: a founder's {@code --cluster} names the proxies in its peers' places, and a node that joins
 * is told of proxies too. As a node sends to a peer on the connection that it dialed itself, the
 * proxy from one to the other carries all messages that way, and nothing of the messages the other
 * way. Those who were there before a node joined share one proxy to it.
 */
final class FaultyCluster implements AutoCloseable {
  private static final int DISK_MEBIBYTES = 2_048;
  private static final Duration READY = Duration.ofSeconds(60);

  final LocalCluster local;

  /** The voters, which faults strike. */
  final List<LocalNode> nodes;

  /** Those that clients ask as well: observers, and nodes that were removed and still run. */
  final List<LocalNode> others = new CopyOnWriteArrayList<>();

  final Random random;
  private final ConcurrentSkipListMap<Direction, LinkProxy> proxies = new ConcurrentSkipListMap<>();
  private final TreeMap<String, DiskImage> disks = new TreeMap<>();
  private final List<AutoCloseable> closing = new ArrayList<>();
  private final List<Preparation> preparations = new ArrayList<>();
  private int names;

  /** From one node to another. */
  record Direction(String from, String to) implements Comparable<Direction> {
    @Override
    public int compareTo(Direction other) {
      return Comparator.comparing(Direction::from)
          .thenComparing(Direction::to)
          .compare(this, other);
    }
  }

  /** What a fault does to a node before its first start. */
  interface Preparation {
    void of(LocalNode node) throws Exception;
  }

  private FaultyCluster(LocalCluster local, long seed) {
    this.local = local;
    this.random = new Random(seed);
    this.nodes = local.nodes;
    this.names = nodes.size();
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
        int port = to == from ? to.peerPort : cluster.way(from, to, LinkProxy.to(to.peerPort));
        addresses.add(to.id + "=127.0.0.1:" + port);
      }
      from.cluster(String.join(",", addresses));
    }
    return cluster;
  }

  /** Lets the one reach the other by this proxy; returns its port. */
  private int way(LocalNode from, LocalNode to, LinkProxy proxy) {
    closing.add(proxy);
    proxies.put(new Direction(from.id, to.id), proxy);
    return proxy.port();
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

  /** Before the start: this is done to every node, also to those that join later. */
  void prepareEach(Preparation preparation) throws Exception {
    preparations.add(preparation);
    for (LocalNode node : nodes) {
      preparation.of(node);
    }
  }

  /** Before the start: every node gets a file system of its own, and small segments on it. */
  void useDiskImages() throws Exception {
    if (disks.isEmpty()) {
      prepareEach(
          node -> {
            DiskImage disk = DiskImage.behind(node.data, DISK_MEBIBYTES);
            closing.addFirst(disk);
            disks.put(node.id, disk);
            node.argument("--segment-mib", "12");
          });
    }
  }

  DiskImage disk(LocalNode node) {
    return Objects.requireNonNull(disks.get(node.id), "useDiskImages() before the start");
  }

  /** A name that no node has had. */
  String newName() {
    return "n" + ++names;
  }

  /**
   * Lays out one more node, which the cluster is to take in when it starts. It may carry the name
   * of one that is no member any more.
   */
  LocalNode joiner(String id) throws Exception {
    Path place = Files.createTempDirectory(local.directory, id + "-");
    LocalNode joiner = local.layOut(id, place);
    TreeMap<String, Integer> ways = new TreeMap<>();
    LinkProxy entrance = LinkProxy.to(joiner.peerPort);
    ways.put(id, entrance.port());
    for (LocalNode other : asked()) {
      way(other, joiner, entrance);
      ways.put(other.id, way(joiner, other, LinkProxy.to(other.peerPort)));
    }
    for (Preparation preparation : preparations) {
      preparation.of(joiner);
    }
    JoinDoor door = JoinDoor.open(() -> nodes, ways);
    closing.add(door);
    return joiner.argument("--join", door.url());
  }

  /** Takes in a member that never votes and that clients ask, and waits until it serves. */
  LocalNode observer(String id) throws Exception {
    LocalNode observer = joiner(id).argument("--join-as", "observer").start();
    observer.awaitReady(READY);
    others.add(observer);
    return observer;
  }

  /** So many of {@code candidates}, in an order that chance decides. */
  List<LocalNode> some(int count, List<LocalNode> candidates) {
    List<LocalNode> shuffled = new ArrayList<>(candidates);
    Collections.shuffle(shuffled, random);
    return List.copyOf(shuffled.subList(0, count));
  }

  /** All nodes that clients ask, as they are now. */
  List<LocalNode> asked() {
    List<LocalNode> asked = new ArrayList<>(nodes);
    asked.addAll(others);
    return asked;
  }

  void awaitReady() {
    asked().forEach(node -> node.awaitReady(READY));
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
    for (LocalNode from : asked()) {
      if (from != late) {
        proxy(from, late).delay(Way.TO_TARGET, millis, millis);
      }
    }
  }

  void eachProxy(Consumer<LinkProxy> action) {
    proxies.values().forEach(action);
  }

  /** All links are whole again. */
  void healLinks() {
    eachProxy(LinkProxy::heal);
  }

  String logs() {
    return asked().stream()
        .map(node -> "--- " + node.id + "\n" + node.logTail())
        .collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    try {
      for (LocalNode node : asked()) {
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
      closing.forEach(FaultyCluster::close);
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      throw new IllegalStateException(part + " cannot be closed", e);
    }
  }
}
