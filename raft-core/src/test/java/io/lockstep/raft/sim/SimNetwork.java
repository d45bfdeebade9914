package io.lockstep.raft.sim;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The wires between the nodes, as connections: what is in flight can be lost, late, repeated or out
 * of order, but it never reaches another life of the process that it was sent to.
 */
final class SimNetwork {
  private static final int HELD_MAX = 64;
  private static final long BREAK_NANOS = 100_000_000;

  private final Simulation simulation;
  private final Chance chance;
  private final NetworkProfile profile;
  private final List<NodeId> ids;
  private final @Nullable SimTransport[] ends;
  private final Link[][] links;
  private final MessageObserver observer;
  private boolean healed;
  private long delivered;
  private final FaultTally done = new FaultTally();

  SimNetwork(
      Simulation simulation,
      Chance chance,
      NetworkProfile profile,
      List<NodeId> ids,
      MessageObserver observer) {
    this.simulation = simulation;
    this.chance = chance;
    this.profile = profile;
    this.ids = ids;
    this.observer = observer;
    ends = new SimTransport[ids.size()];
    links = new Link[ids.size()][ids.size()];
    for (Link[] row : links) {
      for (int to = 0; to < row.length; to++) {
        row[to] = new Link();
      }
    }
  }

  /** Hears of each protocol message at the moment it is sent, whether or not it arrives. */
  @FunctionalInterface
  interface MessageObserver {
    void sending(int from, int to, Message message);
  }

  /** One direction between two nodes. */
  private static final class Link {
    boolean cut;
    boolean up;
    long connection;
    long lastArrival;
    long latestArrival;
    final Deque<Runnable> held = new ArrayDeque<>();
  }

  int indexOf(NodeId id) {
    return ids.indexOf(id);
  }

  NodeId id(int node) {
    return ids.get(node);
  }

  int size() {
    return ids.size();
  }

  /** What these wires have done to messages so far. */
  FaultTally done() {
    return done;
  }

  long delivered() {
    return delivered;
  }

  /** The end of a new life of {@code node}; its links come up after a while. */
  SimTransport attach(int node, SimProcess process) {
    SimTransport end = new SimTransport(this, node, process, simulation);
    ends[node] = end;
    for (int peer = 0; peer < size(); peer++) {
      if (peer != node) {
        // A peer that has not noticed yet does so when it is greeted anew.
        disconnectLater(peer, node, chance.delay(1_000_000));
        connectLater(node, peer);
      }
    }
    return end;
  }

  /** The life of {@code node} is over. Its peers learn it soon, or only by silence. */
  void detach(int node, boolean silently) {
    ends[node] = null;
    for (int peer = 0; peer < size(); peer++) {
      if (peer != node) {
        links[node][peer].up = false;
        boolean told = !silently && profile.refuses();
        long noticed = told ? chance.delay(300_000) : chance.between(500_000_000, 3_000_000_000L);
        disconnectLater(peer, node, noticed);
      }
    }
  }

  /** Nothing sent from {@code from} reaches {@code to} until {@link #mend}. */
  void cut(int from, int to) {
    links[from][to].cut = true;
  }

  void mend(int from, int to) {
    Link link = links[from][to];
    if (!link.cut) {
      return;
    }
    link.cut = false;
    while (!link.held.isEmpty()) {
      simulation.after(chance.delay(profile.delayNanos()), link.held.poll());
    }
  }

  /** The connection breaks; both ends are told, and it comes back by itself. */
  void breakLink(int a, int b) {
    disconnectLater(a, b, chance.delay(1_000_000));
    disconnectLater(b, a, chance.delay(1_000_000));
  }

  /** From now on no message is lost, repeated or overtaken, and no link is cut. */
  void heal() {
    healed = true;
    for (int from = 0; from < size(); from++) {
      for (int to = 0; to < size(); to++) {
        mend(from, to);
      }
    }
  }

  /** Tries until it works or the life of {@code from} is over. */
  private void connectLater(int from, int to) {
    SimTransport end = ends[from];
    long backOff = healed ? 5_000_000 : chance.between(5_000_000, 200_000_000);
    simulation.after(chance.delay(backOff), () -> connect(from, to, end));
  }

  private void connect(int from, int to, @Nullable SimTransport end) {
    Link link = links[from][to];
    if (end == null || ends[from] != end || link.up) {
      return;
    }
    if (ends[to] == null || link.cut) {
      if (ends[to] == null && profile.refuses()) {
        tellGone(from, to, 0);
      }
      connectLater(from, to);
    } else {
      link.up = true;
      link.connection++;
    }
  }

  /** {@code at} is told, after {@code nanos}, that the process of {@code peer} has ended. */
  void tellGone(int at, int peer, long nanos) {
    SimTransport end = ends[at];
    if (end != null) {
      simulation.after(
          nanos,
          () -> {
            simulation.trace().note(simulation.now(), at, "gone", peer, 0);
            end.deliver(receiver -> receiver.onGone(ids.get(peer)));
          });
    }
  }

  /** What {@code at} has as its connection to {@code peer} now is found to be broken. */
  private void disconnectLater(int at, int peer, long nanos) {
    SimTransport end = ends[at];
    Link link = links[at][peer];
    long connection = link.connection;
    if (end != null) {
      simulation.after(
          nanos,
          () -> {
            if (ends[at] == end && link.up && link.connection == connection) {
              link.up = false;
              simulation.trace().note(simulation.now(), at, "disconnected", peer, 0);
              end.deliver(receiver -> receiver.onDisconnected(ids.get(peer)));
              connectLater(at, peer);
            }
          });
    }
  }

  boolean connected(int from, int to) {
    return links[from][to].up;
  }

  void send(int from, int to, Message message) {
    observer.sending(from, to, message);
    NodeId sender = ids.get(from);
    if (!links[from][to].up) {
      return;
    }
    transmit(from, to, receiver -> receiver.onMessage(sender, message));
    if (!healed && chance.permille(profile.duplicatePermille())) {
      done.count(Fault.DUPLICATION);
      transmit(from, to, receiver -> receiver.onMessage(sender, message));
    }
  }

  boolean sendService(int from, int to, Bytes payload) {
    if (!links[from][to].up) {
      return false;
    }
    NodeId sender = ids.get(from);
    transmit(from, to, receiver -> receiver.onService(sender, payload));
    return true;
  }

  /**
   * One step of a connection of its own, on which nothing is lost or overtaken: {@code arrive} runs
   * there, or {@code broken} when it is found that it never will.
   */
  void carry(int from, int to, Runnable arrive, Runnable broken) {
    Link link = links[from][to];
    SimTransport end = ends[to];
    boolean breaks = end == null || link.cut || !healed && chance.oneIn(80);
    if (breaks) {
      simulation.after(chance.delay(BREAK_NANOS), broken);
      return;
    }
    simulation.after(
        chance.delay(profile.delayNanos()),
        () -> {
          if (link.cut || ends[to] != end) {
            simulation.after(chance.delay(BREAK_NANOS), broken);
          } else {
            arrive.run();
          }
        });
  }

  @Nullable SimTransport end(int node) {
    return ends[node];
  }

  private void transmit(int from, int to, SimTransport.Delivery delivery) {
    Link link = links[from][to];
    SimTransport end = ends[to];
    if (end == null) {
      return;
    }
    if (!healed && chance.permille(profile.lossPermille())) {
      done.count(Fault.LOSS);
      return;
    }
    Runnable arrive =
        () -> {
          if (link.cut) {
            swallow(link, () -> arriveAt(end, delivery));
          } else {
            arriveAt(end, delivery);
          }
        };
    long arrival = simulation.now() + chance.delay(profile.delayNanos());
    if (healed || !profile.reorder()) {
      arrival = Math.max(arrival, link.lastArrival + 1);
      link.lastArrival = arrival;
    } else if (arrival < link.latestArrival) {
      done.count(Fault.REORDERING);
    } else {
      link.latestArrival = arrival;
    }
    simulation.at(arrival, arrive);
  }

  private void swallow(Link link, Runnable arrive) {
    if (link.held.size() < HELD_MAX && chance.permille(profile.holdPermille())) {
      link.held.add(arrive);
      done.count(Fault.LATE_DELIVERY);
    }
  }

  private void arriveAt(SimTransport end, SimTransport.Delivery delivery) {
    delivered++;
    end.deliver(delivery);
  }
}
