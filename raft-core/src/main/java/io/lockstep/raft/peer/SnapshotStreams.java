package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport.SnapshotSent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots that go out and the one that comes in, each on a connection of its own. Owned by
 * the event loop; files are touched on {@code bulk} only.
 */
final class SnapshotStreams {
  private final LocalNode local;
  private final Context loop;
  private final Dialer dialer;
  private final Executor bulk;
  private final SortedMap<NodeId, OutgoingSnapshot> sending = new TreeMap<>();
  private @Nullable IncomingSnapshot receiving;

  /** {@code bulk} is the thread that owns the snapshot files. */
  SnapshotStreams(LocalNode local, Context loop, Dialer dialer, Executor bulk) {
    this.local = local;
    this.loop = loop;
    this.dialer = dialer;
    this.bulk = bulk;
  }

  /** Sends a snapshot, unless one is on its way to that peer. */
  void send(NodeId to, long term, SnapshotSource source, SnapshotSent done) {
    OutgoingSnapshot outgoing = new OutgoingSnapshot(local, this, to, term, source, done);
    if (sending.putIfAbsent(to, outgoing) == null) {
      outgoing.begin(dialer);
    } else {
      outgoing.end(false);
    }
  }

  /** {@code outgoing} has ended. */
  void forget(NodeId to, OutgoingSnapshot outgoing) {
    sending.remove(to, outgoing);
  }

  /**
   * Whether {@code incoming} is now the one that comes in. If not, the one in its way is given up
   * when it is of an older term or from the same peer, so that another attempt succeeds.
   */
  boolean admit(IncomingSnapshot incoming) {
    IncomingSnapshot other = receiving;
    if (other == null) {
      receiving = incoming;
      return true;
    }
    if (other.isSupersededBy(incoming)) {
      other.supersede();
    }
    return false;
  }

  /** No work on the files of {@code incoming} is left to do. */
  void release(IncomingSnapshot incoming) {
    if (receiving == incoming) {
      receiving = null;
    }
  }

  /**
   * Runs work on files; the future ends on the event loop. Only an {@link IOException} is an
   * outcome: anything else is a broken model, and the executor's to end the node for.
   */
  <T> Future<T> onBulk(Callable<T> work) {
    Promise<T> outcome = Promise.promise();
    bulk.execute(
        () -> {
          try {
            T result = call(work);
            loop.runOnContext(turn -> outcome.complete(result));
          } catch (IOException e) {
            loop.runOnContext(turn -> outcome.fail(e));
          }
        });
    return outcome.future();
  }

  private static <T> T call(Callable<T> work) throws IOException {
    try {
      return work.call();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("work on files throws no other exception", e);
    }
  }

  void close() {
    for (OutgoingSnapshot outgoing : List.copyOf(sending.values())) {
      outgoing.end(false);
    }
  }
}
