package io.lockstep.raft.sim;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The end of the wires in one life of a node. */
final class SimTransport implements Transport {
  private final SimNetwork network;
  private final int node;
  private final SimProcess process;
  private final Simulation simulation;
  private @Nullable Receiver receiver;

  SimTransport(SimNetwork network, int node, SimProcess process, Simulation simulation) {
    this.network = network;
    this.node = node;
    this.process = process;
    this.simulation = simulation;
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

  /** Carries no snapshots: says that it was not delivered. */
  @Override
  public void sendSnapshot(NodeId to, long term, SnapshotSource snapshot, SnapshotSent done) {
    try {
      snapshot.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    done.sent(false);
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
