package io.lockstep.bench.service;

import io.lockstep.bench.wire.Line;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.util.ArrayList;
import java.util.List;

/** Opens connections, spread evenly over the nodes. On one event loop, which owns them all. */
final class Lines {
  private static final int AT_ONCE = 100;

  private final NetClient client;
  private final List<String> nodes;

  Lines(Vertx vertx, List<String> nodes) {
    client =
        vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true).setConnectTimeout(30_000));
    this.nodes = List.copyOf(nodes);
  }

  /** Opens {@code count}, some at a time. */
  Future<List<Line>> open(int count) {
    return more(count, new ArrayList<>());
  }

  private Future<List<Line>> more(int count, List<Line> opened) {
    if (opened.size() == count) {
      return Future.succeededFuture(opened);
    }
    List<Future<Line>> next = new ArrayList<>();
    for (int i = opened.size(); i < Math.min(count, opened.size() + AT_ONCE); i++) {
      next.add(Line.open(client, nodes.get(i % nodes.size())));
    }
    return Future.all(next)
        .compose(
            all -> {
              next.forEach(line -> opened.add(line.result()));
              return more(count, opened);
            });
  }
}
