package io.lockstep.raft.sim;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The end of the wires in one life of a node. */
final class SimTransport implements Transport {
  private final SimNetwork network;
  private final int node;
  private final SimProcess process;
  private final Simulation simulation;
  private @Nullable Receiver receiver;
  private @Nullable VirtualLoop bulk;
  private @Nullable SimTransfer incoming;

  SimTransport(SimNetwork network, int node, SimProcess process, Simulation simulation) {
    this.network = network;
    this.node = node;
    this.process = process;
    this.simulation = simulation;
  }

  /** The loop that owns this process's snapshot files. */
  void bulk(VirtualLoop loop) {
    bulk = loop;
  }

  VirtualLoop bulk() {
    return Objects.requireNonNull(bulk);
  }

  int node() {
    return node;
  }

  /** Its receiver; null before the start of the process is through. */
  @Nullable Receiver receiver() {
    return process.alive() ? receiver : null;
  }

  /** Whether it is the one that takes in a snapshot now; at most one does at a time. */
  boolean takes(SimTransfer transfer) {
    if (incoming == null) {
      incoming = transfer;
    }
    return incoming == transfer;
  }

  void ends(SimTransfer transfer) {
    if (incoming == transfer) {
      incoming = null;
    }
  }

  /** What is to be done with the receiver when a message arrives. */
  @FunctionalInterface
  interface Delivery {
    void to(Receiver receiver);
  }

  @Override
  public void start(Receiver installed) {
    receiver = installed;
  }

  @Override
  public void send(NodeId to, Message message) {
    if (process.alive()) {
      network.send(node, network.indexOf(to), message);
    }
  }

  @Override
  public boolean sendService(NodeId to, Bytes payload) {
    return process.alive() && network.sendService(node, network.indexOf(to), payload);
  }

  @Override
  public void sendSnapshot(NodeId to, long term, SnapshotSource snapshot, SnapshotSent done) {
    if (process.alive()) {
      new SimTransfer(simulation, network, this, network.indexOf(to), term, snapshot, done).start();
    }
  }

  @Override
  public boolean connected(NodeId peer) {
    return network.connected(node, network.indexOf(peer));
  }

  /** Hands over what arrived; a process that stands still finds it when it goes on. */
  void deliver(Delivery delivery) {
    if (!process.alive() || receiver == null) {
      return;
    }
    long at = process.runnable(simulation.now());
    if (at > simulation.now()) {
      simulation.at(at, () -> deliver(delivery));
    } else {
      delivery.to(receiver);
    }
  }
}
