package io.lockstep.raft.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.HardState;
import io.lockstep.raft.Membership;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.RaftCore;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.MemoryRepairs;
import io.lockstep.raft.node.ThreadedCluster.History;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The real core alone in its cluster, on virtual time, through power cuts. */
class SingleNodeTest {
  private static final NodeId SELF = new NodeId("n1");
  private static final RaftOptions SMALL_TAIL =
      new RaftOptions(100, 500, 1_000, 1 << 20, 64, 8 << 20, 2_000, 4_000, 64, 1_000);

  private final List<String> fatal = new ArrayList<>();
  private final List<String> acknowledged = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();
  private VirtualTime time;
  private MemoryLog log;
  private MemoryHardState hardState;
  private MemorySnapshots snapshots = new MemorySnapshots();
  private History history;
  private RaftNode<String> node;

  @Test
  void whatWasAcknowledgedIsThereInTheNextLife() {
    for (long seed = 0; seed < 50; seed++) {
      lives(seed);
    }
  }

  private void lives(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    acknowledged.clear();
    log = new MemoryLog(new ArrayList<>());
    HardState saved = HardState.INITIAL;
    int commands = 0;
    for (int life = 1; life <= 5; life++) {
      start(saved, life, seed);
      int rounds = 20 + random.nextInt(20);
      for (int round = 0; round < rounds; round++) {
        for (int i = random.nextInt(8); i > 0; i--) {
          propose("c" + commands++);
        }
        time.pass(Duration.ofNanos(random.nextInt(3_000_000)));
      }
      String at = "seed " + seed + " life " + life;
      assertEquals(List.of(), fatal, at);
      assertTrue(history.all().containsAll(acknowledged), at);
      saved = hardState.load();
      log = log.afterPowerCut(new ArrayList<>());
    }
    start(saved, 6, seed);
    propose("last");
    time.passMillis(100);
    assertEquals("last", history.all().getLast(), "seed " + seed);
    List<String> kept = new ArrayList<>(history.all());
    kept.retainAll(acknowledged);
    assertEquals(acknowledged, kept, "in the order in which they were acknowledged, seed " + seed);
    assertTrue(acknowledged.size() > 20, "seed " + seed);
  }

  @Test
  void aReadIsAnsweredWhenTheOldLogIsAppliedAgain() {
    log = new MemoryLog(new ArrayList<>());
    start(HardState.INITIAL, 1, 1);
    for (int i = 0; i < 200; i++) {
      propose("c" + i);
      time.passMillis(2);
    }
    assertEquals(200, acknowledged.size());
    HardState saved = hardState.load();
    log = log.afterPowerCut(new ArrayList<>());
    start(saved, 2, 1);
    List<String> seen = new ArrayList<>();
    node.read(
        new ReadCompletion() {
          @Override
          public void current(long index) {
            seen.add("current with " + history.publishedSize());
          }

          @Override
          public void failed(Outcome outcome) {
            seen.add(outcome.toString());
          }
        });
    time.passMillis(100);
    assertEquals(List.of("current with 200"), seen, "through reads of what left the memory");
    assertTrue(node.status().term() > 1);
  }

  @Test
  void oneForceServesManyProposals() {
    log = new MemoryLog(new ArrayList<>());
    start(HardState.INITIAL, 1, 1);
    int before = log.forces;
    for (int i = 0; i < 30; i++) {
      propose("c" + i);
    }
    time.passMillis(10);
    assertEquals(30, acknowledged.size());
    assertEquals(1, log.forces - before);
  }

  private void propose(String command) {
    node.propose(
        Bytes.utf8(command),
        new Completion<>() {
          @Override
          public void applied(long index, String result, Timing timing) {
            acknowledged.add(result);
          }

          @Override
          public void failed(Outcome outcome) {
            (outcome instanceof Outcome.Unknown ? unknown : refused).add(command);
          }
        });
  }

  /** Begins a life and lets it be elected. */
  private void start(HardState saved, long number, long seed) {
    time = new VirtualTime();
    hardState = MemoryHardState.of(saved, new ArrayList<>());
    history = new History();
    node =
        new RaftNode<>(
            new NodeParts<>(
                SELF,
                new Membership(List.of(SELF)),
                SMALL_TAIL,
                NodeOptions.DEFAULT,
                RaftCore::new,
                log,
                hardState,
                snapshots,
                new MemoryRepairs(),
                new NoPeers(),
                history,
                new NodeParts.Loops(
                    time.loop(Duration.ZERO),
                    time.loop(Duration.ofMillis(1)),
                    time.loop(Duration.ZERO),
                    time.loop(Duration.ofMillis(2))),
                time,
                number,
                seed,
                (where, cause) -> fatal.add(where + ": " + cause),
                NodeListener.NONE));
    node.start();
    time.passMillis(2_000);
    assertTrue(node.status().isLeader(), "alone it is elected");
  }

  private static final class NoPeers implements Transport {
    @Override
    public void start(Receiver receiver) {}

    @Override
    public void send(NodeId to, Message message) {
      throw new AssertionError("there is nobody to send to");
    }

    @Override
    public boolean sendService(NodeId to, Bytes payload) {
      return false;
    }

    @Override
    public void sendSnapshot(NodeId to, long term, SnapshotSource snapshot, SnapshotSent done) {
      throw new AssertionError("there is nobody to send to");
    }

    @Override
    public boolean connected(NodeId peer) {
      return false;
    }
  }
}
