package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimNetworkTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  private final Simulation simulation = new Simulation(5, null);
  private final List<Long> terms = new ArrayList<>();
  private final List<String> services = new ArrayList<>();
  private int disconnects;
  private final SimProcess receiverLife = new SimProcess(1, 1);

  private SimNetwork network(NetworkProfile profile) {
    return new SimNetwork(
        simulation, new Chance(4), profile, List.of(A, B), (from, to, message) -> {});
  }

  private static NetworkProfile profile(int loss, int duplicate, boolean reorder, int hold) {
    return new NetworkProfile(100_000, loss, duplicate, reorder, hold, true);
  }

  private void listen(SimTransport end) {
    end.start(
        new Transport.Receiver() {
          @Override
          public void onMessage(NodeId from, Message message) {
            terms.add(message.term());
          }

          @Override
          public void onService(NodeId from, Bytes payload) {
            services.add(payload.utf8());
          }

          @Override
          public void onGone(NodeId peer) {}

          @Override
          public void onDisconnected(NodeId peer) {
            disconnects++;
          }
        });
  }

  private void run(long millis) {
    long until = simulation.now() + millis * 1_000_000;
    while (simulation.step(until)) {
      assertTrue(simulation.now() <= until);
    }
  }

  private Transport connect(SimNetwork network) {
    SimTransport sender = network.attach(0, new SimProcess(0, 1));
    listen(sender);
    listen(network.attach(1, receiverLife));
    run(1_000);
    assertTrue(sender.connected(B));
    return sender;
  }

  private static void sendAll(Transport sender, int count) {
    for (int i = 1; i <= count; i++) {
      sender.send(B, new Message.TimeoutNow(i));
    }
  }

  @Test
  void aCalmWireDeliversAllInOrder() {
    Transport sender = connect(network(profile(0, 0, false, 0)));
    sendAll(sender, 200);
    run(1_000);
    assertEquals(200, terms.size());
    assertEquals(terms.stream().sorted().toList(), terms);
  }

  @Test
  void aWildWireLosesRepeatsAndReorders() {
    Transport sender = connect(network(profile(200, 200, true, 0)));
    sendAll(sender, 500);
    run(1_000);
    long distinct = terms.stream().distinct().count();
    assertTrue(distinct < 450 && distinct > 300, () -> "lost: " + distinct);
    assertTrue(terms.size() > distinct + 30, () -> "repeated: " + terms.size());
    assertFalse(terms.equals(terms.stream().sorted().toList()), "reordered");
  }

  @Test
  void aServiceMessageArrivesAtMostOnce() {
    Transport sender = connect(network(profile(0, 1_000, true, 0)));
    assertTrue(sender.sendService(B, Bytes.utf8("once")));
    run(1_000);
    assertEquals(List.of("once"), services);
  }

  @Test
  void aCutSwallowsOrHoldsBackUntilItIsMended() {
    SimNetwork network = network(profile(0, 0, false, 500));
    Transport sender = connect(network);
    network.cut(0, 1);
    sendAll(sender, 100);
    run(1_000);
    assertTrue(terms.isEmpty());
    network.mend(0, 1);
    run(1_000);
    assertTrue(terms.size() > 20 && terms.size() < 80, () -> "held back: " + terms.size());
  }

  @Test
  void nothingReachesAnotherLifeOfTheReceiver() {
    SimNetwork network = network(profile(0, 0, false, 0));
    Transport sender = connect(network);
    sendAll(sender, 10);
    receiverLife.end();
    network.detach(1, false);
    listen(network.attach(1, new SimProcess(1, 2)));
    run(2_000);
    assertTrue(terms.isEmpty());
    sendAll(sender, 3);
    run(1_000);
    assertEquals(3, terms.size());
  }

  @Test
  void bothEndsHearOfABrokenLinkAndItComesBack() {
    SimNetwork network = network(profile(0, 0, false, 0));
    Transport sender = connect(network);
    network.breakLink(0, 1);
    run(15);
    assertEquals(2, disconnects);
    run(2_000);
    assertTrue(sender.connected(B));
  }
}
