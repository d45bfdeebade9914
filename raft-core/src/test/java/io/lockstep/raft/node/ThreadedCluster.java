package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Membership;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftCore;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.SnapshotOptions;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.MemoryRepairs;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import io.lockstep.raft.statemachine.StateHash;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Members on threads of their own, with memory for disks and method calls for a network. */
final class ThreadedCluster {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final RaftOptions OPTIONS =
      new RaftOptions(30, 150, 300, 1 << 20, 64, 8 << 20, 1 << 16, 8 << 20, 4_096, 1_000)
          .withSnapshots(new SnapshotOptions(300, 1 << 20, 16, 50, 1 << 12, 20));

  final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();
  private final List<NodeId> ids = new ArrayList<>();
  private final AtomicReferenceArray<@Nullable Life> lives;
  private final AtomicInteger sent = new AtomicInteger();
  private final int lossOneIn;

  /** One life of one member. */
  record Life(
      RaftNode<String> node,
      MemoryLog log,
      MemoryHardState hardState,
      MemorySnapshots snapshots,
      History history,
      List<ThreadLoop> loops,
      long number) {}

  /** All commands applied, in order; what is published is what readers see. */
  static final class History implements StateMachine<String> {
    private List<String> commands = new ArrayList<>();
    private long appliedIndex;
    private volatile long publishedIndex;
    private volatile int publishedSize;

    @Override
    public String apply(Entry entry) {
      appliedIndex = entry.index();
      if (entry.kind() == EntryKind.COMMAND) {
        commands.add(entry.payload().utf8());
      }
      return entry.payload().utf8();
    }

    @Override
    public long nextDueMillis() {
      return Long.MAX_VALUE;
    }

    @Override
    public void publish() {
      publishedSize = commands.size();
      publishedIndex = appliedIndex;
    }

    @Override
    public StateHash hash() {
      return StateHash.of(1, commands.hashCode());
    }

    @Override
    public StateSnapshot snapshot() {
      List<String> all = List.copyOf(commands);
      long index = appliedIndex;
      return sink -> {
        ItemWriter out = new ItemWriter(sink);
        out.begin().varint(index).varint(all.size());
        out.end();
        for (String command : all) {
          out.begin().text(command);
          out.end();
        }
        out.flush();
      };
    }

    @Override
    public void restore(ChunkSource chunks) throws IOException {
      ItemReader in = new ItemReader(chunks);
      ByteReader head = in.next();
      long index = head.varint();
      long count = head.varint();
      List<String> all = new ArrayList<>();
      for (long i = 0; i < count; i++) {
        all.add(in.next().text());
      }
      in.end();
      commands = all;
      appliedIndex = index;
    }

    /** How many commands a reader sees. */
    int publishedSize() {
      return publishedSize;
    }

    long publishedIndex() {
      return publishedIndex;
    }

    /** Only when the apply loop has ended. */
    List<String> all() {
      return commands;
    }
  }

  /** Loses one of {@code lossOneIn} messages; none when it is 0. */
  ThreadedCluster(int size, int lossOneIn) {
    this.lossOneIn = lossOneIn;
    this.lives = new AtomicReferenceArray<>(size);
    for (int i = 0; i < size; i++) {
      ids.add(new NodeId("n" + (i + 1)));
    }
    for (int i = 0; i < size; i++) {
      begin(i, new MemoryLog(new ArrayList<>()), HardState.INITIAL, new MemorySnapshots(), 1);
    }
  }

  int size() {
    return ids.size();
  }

  Life life(int member) {
    Life life = lives.get(member);
    if (life == null) {
      throw new AssertionError(ids.get(member) + " is down");
    }
    return life;
  }

  /** The life at this moment, null while the member is down. */
  @Nullable Life lifeNow(int member) {
    return lives.get(member);
  }

  /** The member that leads in the highest term that any knows of, -1 when none does. */
  int leader() {
    int found = -1;
    long term = -1;
    for (int i = 0; i < ids.size(); i++) {
      Life life = lives.get(i);
      if (life != null && life.node().status().isLeader() && life.node().status().term() > term) {
        found = i;
        term = life.node().status().term();
      }
    }
    return found;
  }

  /** The leader's life, null while there is none. */
  @Nullable Life leading() {
    int leader = leader();
    return leader < 0 ? null : lives.get(leader);
  }

  /** Ends a member as a power cut would, and begins its next life. */
  void restart(int member) throws InterruptedException {
    Life old = life(member);
    lives.set(member, null);
    end(old);
    begin(
        member,
        old.log().afterPowerCut(new ArrayList<>()),
        old.hardState().load(),
        old.snapshots(),
        old.number() + 1);
  }

  /** Ends all; their logs and histories may then be read. */
  void end() throws InterruptedException {
    for (int i = 0; i < ids.size(); i++) {
      end(life(i));
    }
  }

  private static void end(Life life) throws InterruptedException {
    life.loops().forEach(ThreadLoop::stop);
    for (ThreadLoop loop : life.loops()) {
      if (!loop.awaitEnd(LONG)) {
        throw new AssertionError("a loop does not end");
      }
    }
  }

  private void begin(
      int member, MemoryLog log, HardState hardState, MemorySnapshots snapshots, long number) {
    NodeId self = ids.get(member);
    List<ThreadLoop> loops = new ArrayList<>();
    for (String part : List.of("raft", "log", "apply", "bulk")) {
      loops.add(new ThreadLoop(self + "-" + part, System::nanoTime, this::failed));
    }
    MemoryHardState hard = MemoryHardState.of(hardState, new ArrayList<>());
    History history = new History();
    RaftNode<String> node =
        new RaftNode<>(
            new NodeParts<>(
                self,
                new Membership(ids),
                OPTIONS,
                NodeOptions.DEFAULT,
                RaftCore::new,
                log,
                hard,
                snapshots,
                new MemoryRepairs(),
                new Calls(self),
                history,
                new NodeParts.Loops(loops.get(0), loops.get(1), loops.get(2), loops.get(3)),
                System::nanoTime,
                number,
                member * 31L + number,
                this::failed,
                NodeListener.NONE));
    lives.set(member, new Life(node, log, hard, snapshots, history, loops, number));
    loops.forEach(ThreadLoop::start);
    node.start();
  }

  private void failed(String where, Throwable cause) {
    fatal.add(where + ": " + cause);
    cause.printStackTrace();
  }

  private final class Calls implements Transport {
    private final NodeId self;

    Calls(NodeId self) {
      this.self = self;
    }

    @Override
    public void start(Receiver receiver) {}

    @Override
    public void send(NodeId to, Message message) {
      Life life = lives.get(ids.indexOf(to));
      boolean lost = lossOneIn > 0 && sent.incrementAndGet() % lossOneIn == 0;
      if (life != null && !lost) {
        life.node().receive(self, message);
      }
    }

    @Override
    public boolean sendService(NodeId to, Bytes payload) {
      return false;
    }

    @Override
    public void sendSnapshot(NodeId to, long term, SnapshotSource snapshot, SnapshotSent done) {
      Life life = lives.get(ids.indexOf(to));
      if (life == null) {
        done.sent(false);
      } else {
        life.loops().get(3).execute(() -> done.sent(carry(life.node(), term, snapshot)));
      }
    }

    private boolean carry(RaftNode<String> node, long term, SnapshotSource snapshot) {
      try {
        SnapshotSink sink = node.acceptSnapshot(term, snapshot.meta());
        if (sink == null) {
          return false;
        }
        for (Bytes chunk = snapshot.next(); chunk != null; chunk = snapshot.next()) {
          sink.put(chunk);
        }
        sink.finish();
        node.receiveSnapshot(self, term, snapshot.meta());
        return true;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public boolean connected(NodeId peer) {
      return lives.get(ids.indexOf(peer)) != null;
    }
  }
}
