package io.lockstep.raft.node;

import io.lockstep.raft.Effect;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Input;
import io.lockstep.raft.Membership;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.MemoryRepairs;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.StateHash;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.storage.LogStore.Room;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A node with a scripted core on virtual time, and one trace of all that its parts were asked. */
final class NodeFixture {
  static final NodeId SELF = new NodeId("n1");
  static final NodeId PEER = new NodeId("n2");

  final List<String> trace = new ArrayList<>();
  final List<String> fatal = new ArrayList<>();
  final List<String> answers = new ArrayList<>();
  final List<Timing> timings = new ArrayList<>();
  final List<Room> rooms = new ArrayList<>();
  final VirtualTime time = new VirtualTime();
  MemoryLog log = new MemoryLog(trace);
  MemoryHardState hardState = new MemoryHardState(trace);
  MemorySnapshots snapshots = new MemorySnapshots(trace::add);
  Membership membership = new Membership(List.of(SELF));
  MemoryRepairs repairs = new MemoryRepairs();
  NodeOptions options = NodeOptions.DEFAULT;
  RaftOptions raftOptions = RaftOptions.LAN;
  StateMachine<String> stateMachine = new TracedStates(trace);
  ScriptedCore core;
  RaftNode<String> node;

  /** Applies by noting; the result of a command is its text. */
  private record TracedStates(List<String> trace) implements StateMachine<String> {
    @Override
    public String apply(Entry entry) {
      trace.add("apply " + entry.index());
      return entry.payload().utf8();
    }

    @Override
    public long nextDueMillis() {
      return 77;
    }

    @Override
    public void publish() {
      trace.add("publish");
    }

    @Override
    public StateHash hash() {
      return StateHash.of(1, 0);
    }

    @Override
    public StateSnapshot snapshot() {
      trace.add("snapshot");
      return sink -> sink.put(Bytes.utf8("nothing is remembered"));
    }

    @Override
    public void restore(ChunkSource chunks) throws IOException {
      int count = 0;
      while (chunks.next() != null) {
        count++;
      }
      trace.add("restore " + count + " chunks");
    }
  }

  private final class TracedTransport implements Transport {
    @Override
    public void start(Receiver receiver) {}

    @Override
    public void send(NodeId to, Message message) {
      trace.add("send " + message.getClass().getSimpleName());
    }

    @Override
    public boolean sendService(NodeId to, Bytes payload) {
      return false;
    }

    @Override
    public void sendSnapshot(NodeId to, long term, SnapshotSource snapshot, SnapshotSent done) {
      trace.add("send snapshot " + snapshot.meta().last().index());
      try {
        while (snapshot.next() != null) {}
        done.sent(true);
      } catch (IOException damaged) {
        done.sent(false);
      }
    }

    @Override
    public boolean connected(NodeId peer) {
      return true;
    }
  }

  private final class RoomListener implements NodeListener {
    @Override
    public void roomChanged(Room room) {
      rooms.add(room);
    }
  }

  /** Starts the node and lets it recover; the trace is then empty. */
  NodeFixture start() {
    startOnly();
    time.passMillis(5);
    trace.clear();
    return this;
  }

  boolean started() {
    return core != null;
  }

  /** Starts the node; it recovers when time passes. */
  void startOnly() {
    node =
        new RaftNode<>(
            parts(
                new NodeParts.Loops(
                    time.loop(Duration.ZERO),
                    time.loop(Duration.ofMillis(1)),
                    time.loop(Duration.ZERO),
                    time.loop(Duration.ofMillis(2)))));
    node.start();
  }

  NodeParts<String> parts(NodeParts.Loops loops) {
    return new NodeParts<>(
        SELF,
        membership,
        raftOptions,
        options,
        (self, members, raft, hard, recovered, start, seed, now) ->
            core = new ScriptedCore(self, hard, recovered, now, trace),
        log,
        hardState,
        snapshots,
        repairs,
        new TracedTransport(),
        stateMachine,
        loops,
        time,
        1,
        1,
        (where, cause) -> fatal.add(where + ": " + cause.getMessage()),
        new RoomListener());
  }

  /** Has the core ask for these effects in one turn, and lets everything come to rest. */
  void effects(Effect... effects) {
    effectsNow(effects);
    time.passMillis(50);
  }

  /** As {@link #effects}, but only the raft loop's turn itself is run. */
  void effectsNow(Effect... effects) {
    core.script = input -> input instanceof Input.Received ? List.of(effects) : List.of();
    node.receive(PEER, new Message.HeartbeatReply(1, 0));
    time.passMillis(0);
    core.script = input -> List.of();
  }

  /** Proposes; what comes of it is added to {@link #answers} and to the trace. */
  void propose(String command) {
    node.propose(Bytes.utf8(command), caller(command));
  }

  Completion<String> caller(String name) {
    return new Completion<>() {
      @Override
      public void applied(long index, String result, Timing timing) {
        timings.add(timing);
        answer(name + " applied " + index + " " + result);
      }

      @Override
      public void failed(Outcome outcome) {
        answer(name + " " + outcome);
      }
    };
  }

  void read(String name) {
    node.read(
        new ReadCompletion() {
          @Override
          public void current(long index) {
            answer(name + " current " + index);
          }

          @Override
          public void failed(Outcome outcome) {
            answer(name + " " + outcome);
          }
        });
  }

  private void answer(String text) {
    answers.add(text);
    trace.add("answer " + text);
  }

  static Entry entry(long index, long term) {
    return new Entry(index, term, 0, EntryKind.COMMAND, Bytes.utf8("c" + index));
  }

  /** Entries from {@code first} to {@code last}, both included. */
  static List<Entry> entries(long first, long last, long term) {
    List<Entry> entries = new ArrayList<>();
    for (long index = first; index <= last; index++) {
      entries.add(entry(index, term));
    }
    return entries;
  }

  static Effect append(long first, long last, long term) {
    return new Effect.AppendLog(term, entries(first, last, term));
  }

  static NodeOptions withForceBytes(long bytes) {
    return new NodeOptions(
        4_096, 32 << 20, 500, 16_384, 4_096, 64 << 20, 64 << 20, bytes, 4_096, 10, 1_000);
  }

  /** Small queues, so that a test can fill them. */
  static NodeOptions smallQueues() {
    return new NodeOptions(8, 1_000, 500, 5, 6, 1_000, 300, 8 << 20, 4, 10, 1_000);
  }
}
