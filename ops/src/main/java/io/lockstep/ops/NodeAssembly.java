package io.lockstep.ops;

import io.lockstep.http.HttpOptions;
import io.lockstep.http.HttpService;
import io.lockstep.http.grant.KeyRing;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.CoordinatorOptions;
import io.lockstep.http.service.CoordinatorParts;
import io.lockstep.http.service.IdRules;
import io.lockstep.kv.KvStateMachine;
import io.lockstep.kv.result.Applied;
import io.lockstep.ops.config.NodeConfig;
import io.lockstep.ops.config.NodeConfig.Join;
import io.lockstep.ops.config.NodeConfig.Journal;
import io.lockstep.ops.metrics.NodeMetrics;
import io.lockstep.ops.metrics.RaftMeters;
import io.lockstep.ops.metrics.ServiceMeters;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Membership;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftCore;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.Joined;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.JournalOptions;
import io.lockstep.raft.journal.SegmentStore;
import io.lockstep.raft.journal.SegmentedJournal;
import io.lockstep.raft.journal.chronicle.ChronicleSegmentStore;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.DivergenceFile;
import io.lockstep.raft.journal.file.FileSegmentStore;
import io.lockstep.raft.journal.file.LocalSnapshotDirectory;
import io.lockstep.raft.journal.file.SnapshotFiles;
import io.lockstep.raft.node.NodeOptions;
import io.lockstep.raft.node.NodeParts;
import io.lockstep.raft.node.RaftNode;
import io.lockstep.raft.node.RecoveryRefusedException;
import io.lockstep.raft.node.RepairRule;
import io.lockstep.raft.peer.PeerOptions;
import io.lockstep.raft.peer.PeerTransport;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotStore;
import io.lockstep.raft.transport.Transport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a node together, in the order in which its parts may trust each other. */
final class NodeAssembly {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAssembly.class);

  private static final long KEYS_LOOK_MILLIS = 60_000;

  private final NodeConfig config;
  private final SecureRandom random = new SecureRandom();

  private NodeAssembly(NodeConfig config) {
    this.config = config;
  }

  /** Returns when the node takes part and answers clients; it may not know a leader yet. */
  static RunningNode assemble(NodeConfig config) throws StartRefused {
    return new NodeAssembly(config).assemble();
  }

  /**
   * Serves no files, so it needs no directory for them that a node that is killed leaves behind.
   */
  private static Vertx vertx() {
    FileSystemOptions noFiles =
        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false);
    return Vertx.vertx(
        new VertxOptions().setPreferNativeTransport(true).setFileSystemOptions(noFiles));
  }

  private RunningNode assemble() throws StartRefused {
    DataDirectory directory = openDirectory();
    Vertx vertx = vertx();
    NodeLoops loops = new NodeLoops(System::nanoTime, this::fatal);
    Joined joined = joined(directory);
    PeerTransport transport = listen(vertx, directory, joined, loops);
    Identity identity =
        joined != null ? directory.identity() : firstStart(vertx, directory, transport);
    KnownMembers members = new KnownMembers(config, identity, joined);
    SigningKeys keys = signingKeys(directory);
    NodeMetrics metrics =
        new NodeMetrics(found -> loops.log().execute(() -> mark(directory, found)));
    AtomicReference<Runnable> published = new AtomicReference<>(() -> {});
    KvStateMachine machine = new KvStateMachine(() -> published.get().run());
    RaftNode<Applied> raft =
        new RaftNode<>(
            raftParts(identity, members.founders(), directory, transport, loops, machine, metrics));
    Coordinator coordinator =
        new Coordinator(
            new CoordinatorParts(
                config.id(),
                identity.startNumber(),
                raft,
                machine::view,
                transport,
                loops.service(),
                System::nanoTime,
                random::nextLong,
                System::currentTimeMillis,
                config.quotaBytes(),
                members::contacts,
                keys.ring()::toPublish,
                new IdRules()),
            CoordinatorOptions.DEFAULT);
    published.set(coordinator::published);
    HttpService http = serve(vertx, coordinator, metrics, members, keys.ring());
    loops.start();
    raft.start();
    transport.start(receiver(raft, coordinator));
    coordinator.start();
    RaftMeters.bind(metrics, raft::status, raft::figures, raft::room);
    ServiceMeters.bind(metrics, machine::view, transport::figures, coordinator::figures);
    metrics.gauge("lockstep.watchers", "Open watches", http::figures, HttpService.Figures::watches);
    metrics.gauge(
        "lockstep.http.connections",
        "Open client connections",
        http::figures,
        HttpService.Figures::connections);
    RoundTripWarning warning = new RoundTripWarning(config.timing(), raftOptions());
    vertx.setPeriodic(
        RoundTripWarning.PERIOD_MILLIS, id -> warning.look(transport.figures().links()));
    vertx.setPeriodic(KEYS_LOOK_MILLIS, id -> renewIfDue(vertx, keys, machine));
    return new RunningNode(vertx, directory, transport, loops, raft, http);
  }

  private DataDirectory openDirectory() throws StartRefused {
    try {
      DataDirectory directory =
          DataDirectory.open(config.data(), config.id(), () -> StorageId.draw(random), Disk.LOCAL);
      DivergenceFile.Found found = directory.divergence().load();
      if (found != null) {
        throw new StartRefused(ExitCode.DATA_REFUSED, diverged(found));
      }
      // A cluster comes before the first term, but where one was to be made of a backup.
      if (!directory.identity().formed()
          && !directory.hardState().load().equals(HardState.INITIAL)) {
        throw new StartRefused(
            ExitCode.DATA_REFUSED,
            config.data() + " was not restored to its end: empty it, and restore once more");
      }
      return directory;
    } catch (IOException refused) {
      throw new StartRefused(ExitCode.DATA_REFUSED, reason(refused), refused);
    }
  }

  private String diverged(DivergenceFile.Found found) {
    return config.data()
        + ": the state of "
        + config.id()
        + " differed from that of a majority of the voters at index "
        + found.own().index()
        + " (%016x, theirs %016x)".formatted(found.own().hash(), found.majoritys().hash())
        + ": remove "
        + config.id()
        + " from the cluster, and start a new member with an empty directory and --join";
  }

  /** Without the mark the state is found to be wrong once more, a little after the next start. */
  private static void mark(DataDirectory directory, DivergenceFile.Found found) {
    try {
      directory.divergence().save(found);
    } catch (IOException failed) {
      LOG.error("the mark of the divergence could not be written: {}", failed.getMessage());
    }
  }

  private SigningKeys signingKeys(DataDirectory directory) throws StartRefused {
    try {
      return SigningKeys.open(directory.secret(), config.id());
    } catch (IOException refused) {
      throw new StartRefused(ExitCode.DATA_REFUSED, reason(refused), refused);
    }
  }

  /** One look at a time: the next comes a minute later, when this one has ended long ago. */
  private void renewIfDue(Vertx vertx, SigningKeys keys, KvStateMachine machine) {
    if (keys.due(machine.view(), config.id())) {
      vertx
          .executeBlocking(
              () -> {
                keys.renew();
                return keys;
              })
          .onFailure(failed -> LOG.error("no new key to sign with: {}", reason(failed)));
    }
  }

  private PeerTransport listen(
      Vertx vertx, DataDirectory directory, @Nullable Joined joined, NodeLoops loops)
      throws StartRefused {
    PeerTransport transport =
        PeerTransport.create(
            vertx,
            PeerOptions.of(config.peer(), KnownMembers.addresses(config, joined)),
            directory.identity(),
            loops.snapshots()::execute);
    await(transport.listen(), ExitCode.PORT_REFUSED);
    return transport;
  }

  /** What the cluster told that took this node in, now or earlier; null for a founder. */
  private @Nullable Joined joined(DataDirectory directory) throws StartRefused {
    Join join = config.join();
    if (join != null && !directory.identity().formed()) {
      Joining.run(config, join, directory);
    }
    try {
      Joined joined = directory.joined();
      if (joined == null && config.cluster().isEmpty()) {
        throw new StartRefused(
            ExitCode.USAGE,
            directory.identity().formed()
                ? config.id() + " was there at its cluster's first start: it needs --cluster"
                : config.id() + " is new: it needs --cluster, or --join");
      }
      return joined;
    } catch (IOException refused) {
      throw new StartRefused(ExitCode.DATA_REFUSED, reason(refused), refused);
    }
  }

  private Identity firstStart(Vertx vertx, DataDirectory directory, PeerTransport transport)
      throws StartRefused {
    if (!directory.identity().formed()) {
      LOG.info("{} is new and waits for all of {}", config.id(), config.cluster().keySet());
    }
    return await(
        transport.firstStart(
            formed ->
                vertx
                    .executeBlocking(
                        () -> {
                          directory.join(formed);
                          return formed;
                        })
                    .mapEmpty()),
        ExitCode.IDENTITY_REFUSED);
  }

  private NodeParts<Applied> raftParts(
      Identity identity,
      List<NodeId> founders,
      DataDirectory directory,
      PeerTransport transport,
      NodeLoops loops,
      KvStateMachine machine,
      NodeMetrics metrics)
      throws StartRefused {
    Membership first = new Membership(founders);
    SnapshotStore snapshots = openSnapshots(directory, metrics);
    RepairRule rule = new RepairRule(config.id(), first, snapshots, metrics);
    return new NodeParts<>(
        config.id(),
        first,
        raftOptions(),
        NodeOptions.DEFAULT,
        RaftCore::new,
        openJournal(directory, rule),
        directory.hardState(),
        snapshots,
        directory.repair(),
        transport,
        machine,
        new NodeParts.Loops(loops.raft(), loops.log(), loops.apply(), loops.snapshots()),
        System::nanoTime,
        identity.startNumber(),
        random.nextLong(),
        this::fatal,
        metrics);
  }

  private RaftOptions raftOptions() {
    RaftOptions preset =
        switch (config.timing()) {
          case LAN -> RaftOptions.LAN;
          case WAN -> RaftOptions.WAN;
        };
    return preset.withSnapshots(preset.snapshots().withEntriesMax(config.snapshotEntries()));
  }

  private SegmentedJournal openJournal(DataDirectory directory, RepairRule rule)
      throws StartRefused {
    SegmentStore store =
        config.journal() == Journal.CHRONICLE
            ? new ChronicleSegmentStore(directory.log(), Disk.LOCAL)
            : new FileSegmentStore(directory.log(), Disk.LOCAL);
    try {
      JournalOptions options =
          directory.journalOptions().withSegmentBytes(config.segmentMebibytes() << 20);
      return SegmentedJournal.openRepaired(
          store, options, NodeLoops.bulk(), System::nanoTime, directory.repair(), rule);
    } catch (IOException refused) {
      throw new StartRefused(ExitCode.DATA_REFUSED, reason(refused), refused);
    }
  }

  private SnapshotStore openSnapshots(DataDirectory directory, NodeMetrics metrics)
      throws StartRefused {
    try {
      return SnapshotFiles.open(
          new LocalSnapshotDirectory(directory.snapshots(), Disk.LOCAL), metrics::damaged);
    } catch (IOException refused) {
      throw new StartRefused(ExitCode.DATA_REFUSED, reason(refused), refused);
    }
  }

  private HttpService serve(
      Vertx vertx, Coordinator coordinator, NodeMetrics metrics, KnownMembers members, KeyRing keys)
      throws StartRefused {
    HttpService http =
        HttpService.create(
            vertx,
            HttpOptions.listen(config.client().host(), config.client().port()),
            coordinator,
            members,
            keys,
            metrics,
            metrics);
    await(
        http.start()
            .recover(
                failure ->
                    Future.failedFuture(
                        new IOException(
                            "cannot listen for clients on "
                                + config.client()
                                + ": "
                                + reason(failure),
                            failure))),
        ExitCode.PORT_REFUSED);
    return http;
  }

  private static Transport.Receiver receiver(RaftNode<Applied> raft, Coordinator coordinator) {
    return new Transport.Receiver() {
      @Override
      public void onMessage(NodeId from, Message message) {
        raft.receive(from, message);
      }

      @Override
      public void onService(NodeId from, Bytes payload) {
        coordinator.onService(from, payload);
      }

      @Override
      public void onDisconnected(NodeId peer) {
        coordinator.onDisconnected(peer);
      }

      @Override
      public @Nullable SnapshotSink onSnapshot(NodeId from, long term, SnapshotMeta meta)
          throws IOException {
        return raft.acceptSnapshot(term, meta);
      }

      @Override
      public void onSnapshotReceived(NodeId from, long term, SnapshotMeta meta) {
        raft.receiveSnapshot(from, term, meta);
      }

      @Override
      public void onGone(NodeId peer) {
        raft.peerGone(peer);
      }
    };
  }

  /** Nothing is acknowledged any more; nothing is tidied up either, for nothing here is sure. */
  private void fatal(String where, Throwable cause) {
    if (cause instanceof RecoveryRefusedException) {
      LOG.error("{} does not start: {}", config.id(), reason(cause));
      Runtime.getRuntime().halt(ExitCode.DATA_REFUSED.status());
    }
    LOG.error("{} stops at once: {} failed: {}", config.id(), where, reason(cause), cause);
    Runtime.getRuntime().halt(ExitCode.FATAL.status());
  }

  private static <T> T await(Future<T> future, ExitCode otherwise) throws StartRefused {
    try {
      return future.toCompletionStage().toCompletableFuture().get();
    } catch (java.util.concurrent.ExecutionException failed) {
      Throwable cause = failed.getCause() == null ? failed : failed.getCause();
      throw new StartRefused(otherwise, reason(cause), cause);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new StartRefused(ExitCode.USAGE, "interrupted", interrupted);
    }
  }

  private static String reason(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.toString() : message;
  }
}
