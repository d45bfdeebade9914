package io.lockstep.ops.metrics;

import io.lockstep.http.MetricsPage;
import io.lockstep.http.RequestListener;
import io.lockstep.raft.Checkpoint;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Learner;
import io.lockstep.raft.Membership;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.journal.file.DivergenceFile;
import io.lockstep.raft.node.NodeListener;
import io.lockstep.raft.storage.LogStore.Room;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's figures for Prometheus. The other modules expose numbers and events; only here they
 * become meters. Callable from any thread; the listeners are called on the node's loops and only
 * touch counters.
 */
public final class NodeMetrics implements NodeListener, RequestListener, MetricsPage {
  private static final Logger LOG = LoggerFactory.getLogger(NodeMetrics.class);
  private static final Duration SHORTEST = Duration.ofNanos(20_000);
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics pauses = new JvmGcMetrics();
  private final Timer force = timer("lockstep.log.force", "Time of one force of the log");
  private final DistributionSummary batch =
      DistributionSummary.builder("lockstep.log.batch.entries")
          .description("Entries made durable by one force")
          .publishPercentileHistogram()
          .minimumExpectedValue(1.0)
          .maximumExpectedValue(16_384.0)
          .register(registry);
  private final Timer apply = timer("lockstep.apply", "Time to apply and publish one batch");
  private final Timer snapshot = timer("lockstep.snapshot", "Time to write one snapshot");
  private final Counter damages;
  private final ConcurrentHashMap<String, Timer> requests = new ConcurrentHashMap<>();

  private final Consumer<DivergenceFile.Found> diverged;

  /**
   * @param diverged hears, on the raft loop, that this node's state is not the other replicas'
   */
  public NodeMetrics(Consumer<DivergenceFile.Found> diverged) {
    this.diverged = diverged;
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    pauses.bindTo(registry);
    damages =
        event("lockstep.storage.damages", "Damaged files that this start found and went on from");
  }

  private Timer timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .publishPercentileHistogram()
        .minimumExpectedValue(SHORTEST)
        .maximumExpectedValue(LONGEST)
        .register(registry);
  }

  /** The registry, for binders of other parts of the process. */
  public MeterRegistry registry() {
    return registry;
  }

  /** A figure that goes up and down. */
  public <T> void gauge(
      String name, String description, Supplier<T> source, ToDoubleFunction<T> value) {
    Gauge.builder(name, source, s -> value.applyAsDouble(s.get()))
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  /** A figure that only grows. */
  public <T> void counter(
      String name, String description, Supplier<T> source, ToDoubleFunction<T> value) {
    Supplier<T> kept = source;
    counters.put(name, kept);
    FunctionCounter.builder(name, kept, s -> value.applyAsDouble(s.get()))
        .description(description)
        .register(registry);
  }

  /** Function counters hold their source weakly, so it is kept here. */
  private final ConcurrentHashMap<String, Supplier<?>> counters = new ConcurrentHashMap<>();

  @Override
  public void forced(long nanos, int entries, long bytes) {
    force.record(Duration.ofNanos(nanos));
    batch.record(entries);
  }

  @Override
  public void applied(long nanos, int entries) {
    apply.record(Duration.ofNanos(nanos));
  }

  @Override
  public void roleChanged(RaftStatus before, RaftStatus now) {
    boolean sameLeader = java.util.Objects.equals(before.leader(), now.leader());
    if (now.isLeader() && !before.isLeader()) {
      LOG.info("leads in term {} from index {}", now.term(), now.lastLog().index());
    } else if (before.isLeader() && !now.isLeader()) {
      LOG.info("leads no longer; term {}, leader {}", now.term(), now.leader());
    } else if (!sameLeader && now.leader() != null && !now.isLeader()) {
      LOG.info("follows {} in term {}", now.leader(), now.term());
    }
  }

  @Override
  public void membershipChanged(Membership membership) {
    LOG.info(
        "goes by voters {}{}, learners {}",
        membership.voters(),
        membership.joint() ? " and " + membership.outgoing() : "",
        membership.learners().stream().map(Learner::id).toList());
  }

  @Override
  public void snapshotTaken(SnapshotMeta meta, long bytes, long nanos) {
    snapshot.record(Duration.ofNanos(nanos));
    LOG.info(
        "took a snapshot of index {}: {} bytes in {} ms",
        meta.last().index(),
        bytes,
        nanos / 1_000_000);
  }

  @Override
  public void snapshotFailed(IOException reason) {
    LOG.warn("a snapshot failed, and will be tried again: {}", reason.getMessage());
  }

  @Override
  public void snapshotInstalled(SnapshotMeta meta, long nanos) {
    LOG.info(
        "installed a snapshot of index {}: the state was read in {} ms",
        meta.last().index(),
        nanos / 1_000_000);
  }

  @Override
  public void damaged(String what) {
    damages.increment();
    LOG.error("{}", what);
  }

  @Override
  public void repaired(EntryId last) {
    LOG.info(
        "what was lost is replaced, up to entry {}: takes part in elections again", last.index());
  }

  @Override
  public void stateDiverged(Checkpoint own, Checkpoint majoritys) {
    LOG.error(
        "the state at index {} is not that of a majority of the voters ({}, theirs {}): this node"
            + " serves no more, and will not start again; remove it from the cluster and add it"
            + " anew, with an empty data directory",
        own.index(),
        Long.toHexString(own.hash()),
        Long.toHexString(majoritys.hash()));
    diverged.accept(new DivergenceFile.Found(own, majoritys));
  }

  @Override
  public void roomChanged(Room room) {
    switch (room) {
      case AMPLE -> LOG.info("the log's disk has room again");
      case RESERVE ->
          LOG.warn("the log's disk is full: only the reserve is left, growth is refused");
      case NONE ->
          LOG.error("the log's disk is full: nothing can be acknowledged until space returns");
    }
  }

  @Override
  public void answered(String route, int status, long nanos) {
    requests
        .computeIfAbsent(route + " " + status, key -> request(route, status))
        .record(Duration.ofNanos(nanos));
  }

  private Timer request(String route, int status) {
    return Timer.builder("lockstep.http.requests")
        .description("Time from a request's head to the end of its answer")
        .tag("route", route)
        .tag("status", Integer.toString(status))
        .publishPercentileHistogram()
        .minimumExpectedValue(SHORTEST)
        .maximumExpectedValue(LONGEST)
        .register(registry);
  }

  /** Counts an event by name. */
  public Counter event(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  @Override
  public String contentType() {
    return "text/plain; version=0.0.4; charset=utf-8";
  }

  @Override
  public String text() {
    return registry.scrape();
  }
}
