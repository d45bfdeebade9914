package io.lockstep.ops;

import io.lockstep.ops.config.NodeConfig;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.peer.Refusal;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one node in this process: started, ready, stopped. Its methods block and belong to
 * the main thread and the shutdown hook, never to a loop.
 */
public final class NodeProcess {
  private static final Logger LOG = LoggerFactory.getLogger(NodeProcess.class);
  private static final long POLL_MILLIS = 10;
  private static final long HAND_OVER_MILLIS_MAX = 1_500;
  private static final long CLOSE_MILLIS_MAX = 1_500;

  private final NodeConfig config;
  private final RunningNode parts;
  private final CountDownLatch ended = new CountDownLatch(1);

  private NodeProcess(NodeConfig config, RunningNode parts) {
    this.config = config;
    this.parts = parts;
  }

  /** Runs a node until the process is told to stop. */
  public static ExitCode run(NodeConfig config) throws StartRefused, InterruptedException {
    NodeProcess process = start(config);
    Runtime.getRuntime().addShutdownHook(new Thread(process::stop, "stop"));
    process.ended.await();
    return ExitCode.OK;
  }

  /** Starts a node and returns when it serves linearizable reads. */
  public static NodeProcess start(NodeConfig config) throws StartRefused, InterruptedException {
    LOG.info("{} starts on {}", config.id(), config.data());
    NodeProcess process = new NodeProcess(config, NodeAssembly.assemble(config));
    process.awaitReady();
    LOG.info(
        "{} is ready: clients {}, peers {}, cluster {}, leader {}",
        config.id(),
        config.client(),
        config.peer(),
        process.parts.raft().status().membership().members(),
        process.parts.raft().status().leader());
    return process;
  }

  /** A node without a majority of its peers waits here, for as long as it takes. */
  private void awaitReady() throws StartRefused, InterruptedException {
    CountDownLatch ready = new CountDownLatch(1);
    ReadinessProbe probe = new ReadinessProbe(parts.raft(), parts.loops().service(), ready);
    probe.begin();
    while (!ready.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      refuseUnlessMember();
    }
  }

  private void refuseUnlessMember() throws StartRefused {
    SortedMap<NodeId, Refusal> denials = PeersWord.against(parts.transport().figures());
    if (!denials.isEmpty()) {
      throw new StartRefused(
          ExitCode.IDENTITY_REFUSED,
          config.id()
              + " is not accepted by its peers ("
              + PeersWord.text(denials)
              + "): the directory "
              + config.data()
              + " belongs to cluster "
              + parts.directory().identity().cluster()
              + ", theirs to another, or knows it by another storage id, or it was removed; put the"
              + " right directory back, or start with an empty one and --join");
    }
  }

  /** Hands leadership over, ends open streams and requests, closes the log. Within five seconds. */
  public void stop() {
    LOG.info("{} stops", config.id());
    try {
      handOver();
      awaitQuietly(parts.http().close(), "open requests");
      CountDownLatch closed = new CountDownLatch(1);
      parts.raft().stop(closed::countDown);
      if (!closed.await(CLOSE_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
        LOG.warn("the log was not closed in time; what is forced is safe");
      }
      awaitQuietly(parts.transport().close(), "peer connections");
      parts.loops().stop();
      parts.directory().close();
      LOG.info("{} has stopped", config.id());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (java.io.IOException failed) {
      LOG.warn("the data directory could not be closed: {}", failed.getMessage());
    } finally {
      parts.vertx().close();
      ended.countDown();
    }
  }

  private void handOver() throws InterruptedException {
    RaftStatus status = parts.raft().status();
    if (!status.isLeader() || status.membership().isLone(config.id())) {
      return;
    }
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HAND_OVER_MILLIS_MAX);
    parts.raft().transferLeadership(null);
    while (parts.raft().status().isLeader() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    if (parts.raft().status().isLeader()) {
      LOG.warn("{} found nobody to hand leadership to", config.id());
    } else {
      LOG.info("{} has handed leadership over", config.id());
    }
  }

  private static void awaitQuietly(io.vertx.core.Future<?> closing, String what) {
    try {
      closing.await(CLOSE_MILLIS_MAX, TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.TimeoutException | RuntimeException late) {
      LOG.warn("{} were not closed in time", what);
    }
  }
}
