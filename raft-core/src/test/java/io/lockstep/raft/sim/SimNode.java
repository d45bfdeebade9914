package io.lockstep.raft.sim;

import io.lockstep.raft.Entry;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftCore;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.journal.SegmentStore;
import io.lockstep.raft.journal.file.SnapshotFiles;
import io.lockstep.raft.node.Loop;
import io.lockstep.raft.node.NodeListener;
import io.lockstep.raft.node.NodeParts;
import io.lockstep.raft.node.RaftNode;
import io.lockstep.raft.node.RepairRule;
import io.lockstep.raft.storage.LogStore;
import io.lockstep.raft.storage.RepairStore;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotStore;
import io.lockstep.raft.transport.Transport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One machine of the cluster: its clock and its disk, and the process that runs on it, if any.
 *
 * @param <R> the state machine's result
 */
public final class SimNode<R> {
  private final SimCluster<R> cluster;
  private final Simulation simulation;
  private final RunSettings settings;
  private final int index;
  private final NodeId id;
  private final SimClock clock;
  private final SimDisk disk;
  private final Chance chance;
  private long lives;
  private @Nullable Life<R> life;

  SimNode(SimCluster<R> cluster, int index, NodeId id) {
    this.cluster = cluster;
    this.simulation = cluster.simulation();
    this.settings = cluster.settings();
    this.index = index;
    this.id = id;
    chance = Chance.of(settings.seed(), "node " + index);
    long drift = settings.driftPpmMax();
    clock = new SimClock(simulation, chance.nextLong() >> 2, chance.between(-drift, drift));
    disk =
        new SimDisk(simulation, Chance.of(settings.seed(), "disk" + index), settings.forceNanos());
  }

  /** What there is of a node while its process lives. */
  record Life<R>(
      SimProcess process,
      Loops loops,
      Transport transport,
      RaftNode<R> raft,
      SimService<R> service) {}

  /** The threads of one process. */
  record Loops(
      VirtualLoop raft,
      VirtualLoop log,
      VirtualLoop apply,
      VirtualLoop bulk,
      VirtualLoop service) {}

  public NodeId id() {
    return id;
  }

  public int index() {
    return index;
  }

  public SimClock clock() {
    return clock;
  }

  SimDisk disk() {
    return disk;
  }

  /** Counts the lives of this node so far. */
  public long lives() {
    return lives;
  }

  public boolean alive() {
    return life != null;
  }

  /** The living process's node; null while it is down. */
  public @Nullable RaftNode<R> raft() {
    return life == null ? null : life.raft;
  }

  /** The living process's service; null while it is down. */
  public @Nullable SimService<R> service() {
    return life == null ? null : life.service;
  }

  /** The living process's end of the wires; null while it is down. */
  public @Nullable Transport transport() {
    return life == null ? null : life.transport;
  }

  /** The living process's loop for all that is not on the path of every request; null likewise. */
  public @Nullable Loop serviceLoop() {
    return life == null ? null : life.loops.service;
  }

  @Nullable Loops loops() {
    return life == null ? null : life.loops;
  }

  /** Starts the process, unless it runs. A crash in the middle of its recovery leaves it down. */
  void start() {
    if (life != null) {
      return;
    }
    lives++;
    SimProcess process = new SimProcess(index, lives);
    simulation.trace().note(simulation.now(), index, "start", lives, 0);
    try {
      begin(process);
    } catch (Crash crash) {
      simulation.trace().note(simulation.now(), index, "no start", lives, 0);
    } catch (NoSpaceException e) {
      crash(false);
    } catch (IOException e) {
      if (disk.forcesFail()) {
        crash(false);
      } else {
        cluster.fail("a node recovers from what a crash left", id + ": " + e);
      }
    } catch (RuntimeException e) {
      cluster.fail("no part of a node throws", id + " at its start: " + stackOf(e));
    }
  }

  private void begin(SimProcess process) throws IOException {
    SimTransport end = cluster.network().attach(index, process);
    Loops loops = loops(process);
    end.bulk(loops.bulk);
    dying = process;
    SegmentStore segments = cluster.bug().segments(disk.segments(process));
    RepairStore repairs = cluster.bug().repairs(disk.repairs(process));
    SnapshotStore snapshots =
        SnapshotFiles.open(cluster.bug().snapshotFiles(disk.snapshots(process)), this::damaged);
    NodeListener listener = listener();
    RepairRule rule = new RepairRule(id, cluster.membership(), snapshots, listener);
    boolean rotten = disk.isRotten();
    LogStore recovered =
        cluster.bug().recovered(cluster.logs().open(this, segments, loops.service, repairs, rule));
    disk.opened();
    cluster
        .invariants()
        .started(
            index,
            disk.hardState(),
            snapshots.newest(),
            entries(recovered),
            rotten,
            disk.isUnsound());
    LogStore store = new ObservedStore(recovered, cluster.invariants(), index);
    Transport transport = cluster.bug().transport(end);
    SimService<R> service = cluster.createService(this);
    NodeParts<R> parts =
        new NodeParts<>(
            id,
            cluster.membership(),
            settings.raftOptions(index),
            settings.nodeOptions(),
            cluster.bug().core(RaftCore::new),
            cluster.bug().log(store),
            cluster.bug().hardState(disk.hardState(process)),
            new ObservedSnapshots(snapshots, cluster.invariants(), index),
            repairs,
            transport,
            new ObservedMachine<>(
                cluster.bug().stateMachine(service.stateMachine(), index),
                cluster.invariants(),
                index,
                cluster.bug().statesObserved()),
            new NodeParts.Loops(loops.raft, loops.log, loops.apply, loops.bulk),
            clock,
            lives,
            Chance.of(settings.seed(), id + "/" + lives).nextLong(),
            (where, cause) -> fatal(process, where, cause),
            listener);
    RaftNode<R> raft = new RaftNode<>(parts);
    life = new Life<>(process, loops, transport, raft, service);
    transport.start(new Inbox(raft, service));
    raft.start();
    service.start(raft);
  }

  private NodeListener listener() {
    return new NodeListener() {
      @Override
      public void damaged(String what) {
        SimNode.this.damaged(what);
      }
    };
  }

  /** Only rot excuses it: nothing that a crash leaves counts as damage. */
  private void damaged(String what) {
    simulation.trace().note(simulation.now(), index, "damaged", lives, 0);
    if (!disk.isUnsound()) {
      cluster.fail("a node recovers from what a crash left", id + ": " + what);
    }
  }

  private Loops loops(SimProcess process) {
    long task = settings.taskNanos();
    return new Loops(
        new VirtualLoop(
            simulation, clock, process, chance, () -> chance.delay(task), this::observe),
        new VirtualLoop(simulation, clock, process, chance, disk::operationNanos, this::observe),
        new VirtualLoop(
            simulation, clock, process, chance, () -> chance.delay(task * 2), this::observe),
        new VirtualLoop(
            simulation, clock, process, chance, () -> 4 * disk.operationNanos(), this::observe),
        new VirtualLoop(
            simulation, clock, process, chance, () -> chance.delay(task), this::observe));
  }

  private static List<Entry> entries(LogStore log) throws IOException {
    List<Entry> entries = new ArrayList<>();
    long end = log.last().index() + 1;
    for (long next = log.firstIndex(); next < end; next = entries.getLast().index() + 1) {
      entries.addAll(log.read(next, end, 1 << 20));
    }
    return entries;
  }

  private final class Inbox implements Transport.Receiver {
    private final RaftNode<R> raft;
    private final SimService<R> service;

    Inbox(RaftNode<R> raft, SimService<R> service) {
      this.raft = raft;
      this.service = service;
    }

    @Override
    public void onMessage(NodeId from, Message message) {
      raft.receive(from, message);
    }

    @Override
    public void onService(NodeId from, Bytes payload) {
      service.onService(from, payload);
    }

    @Override
    public void onDisconnected(NodeId peer) {
      service.onDisconnected(peer);
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
  }

  private @Nullable RaftStatus seen;

  @SuppressWarnings("ReferenceEquality") // Each turn of the node publishes a record of its own.
  private void observe() {
    RaftNode<R> raft = raft();
    if (raft == null) {
      return;
    }
    RaftStatus status = raft.status();
    if (status != seen) {
      seen = status;
      cluster.invariants().status(index, status, disk.hardState());
      cluster.observed(this, status);
    }
  }

  private @Nullable SimProcess dying;

  /** Ends the process: killed, or with its machine by a loss of power. */
  void crash(boolean powerLost) {
    Life<R> ended = life;
    SimProcess process = ended != null ? ended.process : dying;
    if (process == null || !process.alive()) {
      return;
    }
    simulation.trace().note(simulation.now(), index, powerLost ? "power cut" : "kill", lives, 0);
    process.end();
    life = null;
    cluster.network().detach(index, powerLost);
    if (powerLost) {
      disk.cutPower();
    } else {
      disk.kill();
    }
    if (ended != null) {
      ended.service.ended();
    }
    cluster.restartLater(this);
  }

  private void fatal(SimProcess process, String where, Throwable cause) {
    if (!process.alive()) {
      return;
    }
    boolean expected = disk.forcesFail() || disk.isRotten();
    if (cause instanceof NoSpaceException || cause instanceof IOException && expected) {
      crash(false);
    } else {
      cluster.fail("no part of a node throws", id + ", " + where + ": " + stackOf(cause));
    }
  }

  private static String stackOf(Throwable cause) {
    StringWriter text = new StringWriter();
    cause.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  /** The process stands still until {@code time}. */
  void pauseUntil(long time) {
    if (life != null) {
      life.process.stopUntil(time);
    }
  }
}
