package io.lockstep.http;

import io.lockstep.http.backup.Backups;
import io.lockstep.http.describe.DocsResource;
import io.lockstep.http.describe.OpenApiResource;
import io.lockstep.http.etcd.EtcdResource;
import io.lockstep.http.grant.KeyRing;
import io.lockstep.http.limit.Connections;
import io.lockstep.http.server.HttpLoop;
import io.lockstep.http.server.NodeFace;
import io.lockstep.http.server.Router;
import io.lockstep.http.server.ServerParts;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.v1.BackupResource;
import io.lockstep.http.v1.ClusterResource;
import io.lockstep.http.v1.ConfigureResource;
import io.lockstep.http.v1.CountersResource;
import io.lockstep.http.v1.ElectionsResource;
import io.lockstep.http.v1.FencesResource;
import io.lockstep.http.v1.HealthResource;
import io.lockstep.http.v1.IdsResource;
import io.lockstep.http.v1.KeysResource;
import io.lockstep.http.v1.KvResource;
import io.lockstep.http.v1.LatchesResource;
import io.lockstep.http.v1.LeasesResource;
import io.lockstep.http.v1.LocksResource;
import io.lockstep.http.v1.MembersResource;
import io.lockstep.http.v1.MetricsResource;
import io.lockstep.http.v1.MultiLocksResource;
import io.lockstep.http.v1.Mutations;
import io.lockstep.http.v1.OnceResource;
import io.lockstep.http.v1.ProblemsResource;
import io.lockstep.http.v1.Reads;
import io.lockstep.http.v1.RequestsResource;
import io.lockstep.http.v1.SemaphoresResource;
import io.lockstep.http.v1.SignedGrants;
import io.lockstep.http.v1.TouchResource;
import io.lockstep.http.v1.TransferResource;
import io.lockstep.http.v1.TxnResource;
import io.lockstep.http.v1.WatchResource;
import io.lockstep.http.v1.WatchesResource;
import io.lockstep.http.v1.WorkerIdsResource;
import io.lockstep.http.watch.HttpWatchLoop;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.raft.NodeId;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The HTTP interface of one node. Methods may be called from any thread. */
public final class HttpService {
  private static final long GRACE_MILLIS = 3_000;
  private static final int RADIX = 36;

  private final Vertx vertx;
  private final HttpOptions options;
  private final Coordinator coordinator;
  private final ClusterDirectory directory;
  private final KeyRing keys;
  private final MetricsPage metrics;
  private final ServerParts parts;
  private final Connections connections;
  private final Backups backups;
  private final AtomicInteger watches = new AtomicInteger();
  private final List<HttpServerVerticle> verticles = new CopyOnWriteArrayList<>();
  private volatile @Nullable String deployment;

  private HttpService(
      Vertx vertx,
      HttpOptions options,
      Coordinator coordinator,
      ClusterDirectory directory,
      KeyRing keys,
      MetricsPage metrics,
      RequestListener listener) {
    this.vertx = vertx;
    this.options = options;
    this.coordinator = coordinator;
    this.directory = directory;
    this.keys = keys;
    this.metrics = metrics;
    String idPrefix =
        coordinator.self().text() + "-" + Long.toString(coordinator.server().startNumber(), RADIX);
    this.parts = new ServerParts(face(coordinator), listener, idPrefix + "-", new AtomicLong());
    this.backups = new Backups(vertx, coordinator);
    this.connections =
        new Connections(
            options.sizes().connectionsMax(), options.sizes().connectionsPerAddressMax());
  }

  /**
   * The interface of a node; it serves nothing before {@link #start}.
   *
   * @param keys with which this node signs grants
   * @param metrics what {@code /metrics} says
   * @param listener is told of each answer
   */
  public static HttpService create(
      Vertx vertx,
      HttpOptions options,
      Coordinator coordinator,
      ClusterDirectory directory,
      KeyRing keys,
      MetricsPage metrics,
      RequestListener listener) {
    return new HttpService(vertx, options, coordinator, directory, keys, metrics, listener);
  }

  /** Listens; completes with the port, or fails with why that is not possible. Once. */
  public Future<Integer> start() {
    // A negative port is one free port that all instances share.
    int port = options.port() == 0 ? -1 : options.port();
    DeploymentOptions deploying = new DeploymentOptions().setInstances(options.loops());
    return vertx
        .deployVerticle(() -> instance(port), deploying)
        .map(
            id -> {
              deployment = id;
              return verticles.get(0).actualPort();
            });
  }

  /**
   * Stops: streams get their goodbye, lock waits end, new requests are refused, what runs is
   * finished, within a few seconds. Then the port is closed.
   */
  public Future<Void> close() {
    coordinator.beginShutdown();
    Promise<Void> drained = Promise.promise();
    long timer = vertx.setTimer(GRACE_MILLIS, id -> drained.tryComplete());
    Future.all(verticles.stream().map(HttpServerVerticle::drain).toList())
        .onComplete(all -> drained.tryComplete());
    return drained
        .future()
        .compose(
            nothing -> {
              vertx.cancelTimer(timer);
              String id = deployment;
              return id == null ? Future.succeededFuture() : vertx.undeploy(id);
            });
  }

  /** What is open at the moment. */
  public Figures figures() {
    return new Figures(connections.count(), watches.get());
  }

  /** Counts of one moment. */
  public record Figures(int connections, int watches) {}

  private HttpServerVerticle instance(int port) {
    HttpServerVerticle verticle =
        new HttpServerVerticle(options, parts, connections, port, this::routes);
    verticles.add(verticle);
    return verticle;
  }

  private Router routes(HttpLoop loop) {
    Mutations mutations = new Mutations(coordinator);
    Reads reads = new Reads(coordinator);
    WatchHub hub =
        new WatchHub(
            new HttpWatchLoop(loop), loop.options().times().progressMillis(), coordinator, watches);
    Router router = routes(mutations, reads, hub);
    DocsResource docs = new DocsResource();
    router
        .exact(OpenApiResource.PATH, new OpenApiResource())
        .exact(DocsResource.PATH, docs)
        .prefix(DocsResource.PREFIX, docs);
    EtcdResource etcd = new EtcdResource(coordinator, directory, reads, hub, backups);
    EtcdResource.PREFIXES.forEach(prefix -> router.prefix(prefix, etcd));
    return router.exact(EtcdResource.VERSION, etcd).exact(EtcdResource.HEALTH, etcd);
  }

  private Router routes(Mutations mutations, Reads reads, WatchHub hub) {
    KvResource kv = new KvResource(coordinator, mutations, reads, hub);
    WatchResource watch = new WatchResource(coordinator, reads, hub);
    HealthResource health = new HealthResource(coordinator);
    SignedGrants grants = new SignedGrants(coordinator, directory, keys);
    return new Router()
        .prefix(KvResource.PREFIX, kv)
        .prefix(LeasesResource.PATH, new LeasesResource(coordinator, mutations, reads))
        .prefix(LocksResource.PREFIX, new LocksResource(coordinator, mutations, reads, grants))
        .exact(MultiLocksResource.PATH, new MultiLocksResource(coordinator, grants))
        .exact(MultiLocksResource.PLAIN_PATH, new MultiLocksResource(coordinator, grants))
        .prefix(
            ElectionsResource.PREFIX, new ElectionsResource(coordinator, mutations, reads, grants))
        .prefix(
            SemaphoresResource.PREFIX,
            new SemaphoresResource(coordinator, mutations, reads, grants))
        .prefix(WatchResource.PREFIX, watch)
        .exact(TxnResource.PATH, new TxnResource(coordinator, mutations))
        .prefix(CountersResource.PREFIX, new CountersResource(mutations))
        .prefix(IdsResource.PREFIX, new IdsResource(mutations))
        .prefix(LatchesResource.PREFIX, new LatchesResource(coordinator, mutations, reads))
        .prefix(OnceResource.PREFIX, new OnceResource(coordinator, mutations))
        .prefix(WorkerIdsResource.PREFIX, new WorkerIdsResource(coordinator, mutations))
        .prefix(FencesResource.PREFIX, new FencesResource(mutations, reads))
        .prefix(TouchResource.PREFIX, new TouchResource(mutations))
        .exact("/v1/touch", new TouchResource(mutations))
        .exact("/v1/kv", kv)
        .exact(WatchesResource.PATH, new WatchesResource(coordinator, reads, hub, watch))
        .prefix(RequestsResource.PREFIX, new RequestsResource(reads))
        .exact(ClusterResource.PATH, new ClusterResource(coordinator, directory))
        .prefix(MembersResource.PATH, new MembersResource(coordinator, directory))
        .exact(TransferResource.PATH, new TransferResource(coordinator))
        .exact(ConfigureResource.PATH, new ConfigureResource(coordinator, directory))
        .prefix(ProblemsResource.PATH, new ProblemsResource())
        .exact(KeysResource.PATH, new KeysResource(reads))
        .exact(BackupResource.PATH, new BackupResource(backups, directory, reads))
        .exact(HealthResource.LIVE, health)
        .exact(HealthResource.READY, health)
        .exact(MetricsResource.PATH, new MetricsResource(metrics));
  }

  private static NodeFace face(Coordinator coordinator) {
    return new NodeFace() {
      @Override
      public String node() {
        return coordinator.self().text();
      }

      @Override
      public String leader() {
        NodeId leader = coordinator.status().leader();
        return leader == null ? "none" : leader.text();
      }

      @Override
      public long revision() {
        return coordinator.view().revision();
      }

      @Override
      public long nanoTime() {
        return coordinator.clock().nanoTime();
      }
    };
  }
}
