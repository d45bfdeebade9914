package io.lockstep.ops.process;

import io.lockstep.ops.process.FaultKind.Fault;
import io.lockstep.raft.peer.LinkProxy;
import io.lockstep.raft.peer.LinkProxy.Way;
import java.util.ArrayList;
import java.util.List;

/** Links that are cut, one way or both, and links that are bad. */
final class LinkFaults {
  private static final int LOST_PERCENT = 20;
  private static final long DELAY_MILLIS_MIN = 50;
  private static final long DELAY_MILLIS_MAX = 150;
  private static final long FLAP_MILLIS = 300;
  private static final long CATCH_UP_MILLIS = 1_500;

  private LinkFaults() {}

  static Fault symmetricSplit(FaultyCluster cluster) {
    List<LocalNode> minority = cluster.some((cluster.nodes.size() - 1) / 2, cluster.nodes);
    return splitOff(cluster, minority);
  }

  static Fault leaderInMinority(FaultyCluster cluster) {
    LocalNode leader = cluster.leader();
    List<LocalNode> minority = new ArrayList<>(List.of(leader));
    int others = (cluster.nodes.size() - 1) / 2 - 1;
    minority.addAll(cluster.some(others, cluster.local.except(leader)));
    return splitOff(cluster, minority);
  }

  private static Fault splitOff(FaultyCluster cluster, List<LocalNode> minority) {
    List<LocalNode> majority = new ArrayList<>(cluster.nodes);
    majority.removeAll(minority);
    cluster.split(minority, majority);
    return cluster::healLinks;
  }

  static Fault oneWayIn(FaultyCluster cluster) {
    LocalNode deaf = leaderOrAnother(cluster);
    cluster.local.except(deaf).forEach(speaker -> cluster.silence(speaker, deaf));
    return cluster::healLinks;
  }

  static Fault oneWayOut(FaultyCluster cluster) {
    LocalNode mute = leaderOrAnother(cluster);
    cluster.local.except(mute).forEach(listener -> cluster.silence(mute, listener));
    return cluster::healLinks;
  }

  private static LocalNode leaderOrAnother(FaultyCluster cluster) {
    LocalNode leader = cluster.leader();
    return cluster.random.nextBoolean()
        ? leader
        : cluster.some(1, cluster.local.except(leader)).getFirst();
  }

  static Fault bridge(FaultyCluster cluster) {
    List<LocalNode> order = cluster.some(cluster.nodes.size(), cluster.nodes);
    int half = (order.size() - 1) / 2;
    cluster.split(order.subList(0, half), order.subList(half + 1, order.size()));
    return cluster::healLinks;
  }

  static Fault ring(FaultyCluster cluster) {
    List<LocalNode> order = cluster.some(cluster.nodes.size(), cluster.nodes);
    int size = order.size();
    for (int from = 0; from < size; from++) {
      for (int steps = 1; steps < size; steps++) {
        boolean neighbour = steps == 1 || size > 3 && steps == size - 1;
        if (!neighbour) {
          cluster.silence(order.get(from), order.get((from + steps) % size));
        }
      }
    }
    return cluster::healLinks;
  }

  static Fault flappingLink(FaultyCluster cluster) {
    LocalNode leader = cluster.leader();
    LocalNode follower = cluster.some(1, cluster.local.except(leader)).getFirst();
    List<LinkProxy> link =
        List.of(cluster.proxy(leader, follower), cluster.proxy(follower, leader));
    Recurring flaps =
        Recurring.start(
            "flapping-link",
            round -> {
              link.forEach(LinkProxy::cut);
              round.pause(FLAP_MILLIS);
              link.forEach(LinkProxy::heal);
              round.pause(FLAP_MILLIS);
            });
    return flaps::end;
  }

  /**
   * A node hears nothing for so long, then all at once, and so on: it is behind by up to that. (A
   * link whose every byte were late by seconds would be given up for dead.)
   */
  static Fault lag(FaultyCluster cluster, LocalNode late, long millis) {
    List<LinkProxy> ways =
        cluster.asked().stream()
            .filter(from -> from != late)
            .map(from -> cluster.proxy(from, late))
            .toList();
    Recurring lagging =
        Recurring.start(
            "lag",
            round -> {
              ways.forEach(way -> way.hold(Way.TO_TARGET));
              round.pause(millis);
              ways.forEach(LinkProxy::heal);
              round.pause(CATCH_UP_MILLIS);
            });
    return lagging::end;
  }

  static Fault loss(FaultyCluster cluster) {
    for (Way way : Way.values()) {
      cluster.eachProxy(proxy -> proxy.lose(way, LOST_PERCENT));
    }
    return cluster::healLinks;
  }

  static Fault delay(FaultyCluster cluster) {
    for (Way way : Way.values()) {
      cluster.eachProxy(proxy -> proxy.delay(way, DELAY_MILLIS_MIN, DELAY_MILLIS_MAX));
    }
    return cluster::healLinks;
  }

  static Fault duplicateAndReorder(FaultyCluster cluster) {
    Recurring mixing =
        Recurring.start(
            "duplicate-and-reorder",
            round -> {
              List<LocalNode> pair = cluster.some(2, cluster.nodes);
              LinkProxy proxy = cluster.proxy(pair.getFirst(), pair.getLast());
              proxy.hold(Way.TO_TARGET);
              round.pause(100);
              proxy.strand();
              proxy.heal();
              round.pause(300);
              proxy.release();
              proxy.replay();
            });
    return mixing::end;
  }
}
