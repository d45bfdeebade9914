package io.lockstep.http.service;

import io.lockstep.kv.KvStateMachine;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.result.Applied;
import io.lockstep.raft.Contact;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.StateAgreement;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Capture;
import io.lockstep.raft.node.ChangeCompletion;
import io.lockstep.raft.node.Completion;
import io.lockstep.raft.node.RaftHandle;
import io.lockstep.raft.node.ReadCompletion;
import io.lockstep.raft.node.Timing;
import io.lockstep.raft.storage.LogStore.Room;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A coordinator with a real state machine, on virtual time, between a log and a network that do as
 * the test says.
 */
final class CoordinatorFixture {
  static final NodeId SELF = new NodeId("n1");
  static final NodeId OTHER = new NodeId("n2");
  static final NodeId THIRD = new NodeId("n3");
  static final long START = 7;
  final VirtualTime time = new VirtualTime();
  final List<Proposed> proposed = new ArrayList<>();
  final List<ReadCompletion> reads = new ArrayList<>();
  final List<Sent> sent = new ArrayList<>();

  /** Measured of whatever goes through this log. */
  Timing timing = new Timing(10, 20, 30, 40);

  final KvStateMachine states = new KvStateMachine(this::published);
  final Coordinator coordinator;
  Room room = Room.AMPLE;
  @Nullable NodeId leader = SELF;
  boolean linksWork = true;
  long clusterTimeMillis = 1_000;
  long confirmedAtNanos = RaftStatus.NEVER;
  long confirmedClusterTimeMillis;
  private long index;
  long wallMillis = 1_000_000;
  private long nonces = 100;

  /** A command that was handed to the log. */
  record Proposed(Bytes payload, Completion<Applied> completion) {
    Command command() {
      return RequestCodec.decode(payload).command();
    }
  }

  /** A message that was handed to the transport. */
  record Sent(NodeId to, ServiceMessage message) {}

  /** What came back; a list, so that a second answer would show. */
  static final class Answers implements AnswerSink {
    final List<Answer> all = new ArrayList<>();

    @Override
    public void answer(Answer answer) {
      all.add(answer);
    }

    Answer only() {
      if (all.size() != 1) {
        throw new AssertionError("one answer is due, not " + all);
      }
      return all.get(0);
    }

    Timing timing() {
      return done().timing();
    }

    private Answer.Done done() {
      return (Answer.Done) only();
    }

    Applied applied() {
      return done().applied();
    }
  }

  /** What came back to a read. */
  static final class ReadAnswers implements ReadSink {
    int current;
    final List<Refusal> refused = new ArrayList<>();

    @Override
    public void current() {
      current++;
    }

    @Override
    public void refused(Refusal refusal) {
      refused.add(refusal);
    }
  }

  CoordinatorFixture() {
    this(CoordinatorOptions.DEFAULT, 0);
  }

  CoordinatorFixture(CoordinatorOptions options, long quotaBytes) {
    coordinator =
        new Coordinator(
            new CoordinatorParts(
                SELF,
                START,
                new ScriptedLog(),
                states::view,
                new ScriptedLinks(),
                time,
                time,
                () -> nonces++,
                () -> wallMillis,
                quotaBytes,
                List::of,
                () -> null,
                new IdRules()),
            options);
  }

  private void published() {
    if (coordinator != null) {
      coordinator.published();
    }
  }

  Answers submit(Command command, long deadlineMillis) {
    Answers answers = new Answers();
    coordinator.submit(new Request("t", null, command), time.in(deadlineMillis), answers);
    return answers;
  }

  Answers submitKeyed(Command command, String key) {
    Answers answers = new Answers();
    RequestKey requestKey = new RequestKey("t", Bytes.utf8(key), Bytes.EMPTY);
    coordinator.submit(new Request("t", requestKey, command), time.in(5_000), answers);
    return answers;
  }

  ReadAnswers read(long deadlineMillis) {
    ReadAnswers answers = new ReadAnswers();
    coordinator.read(time.in(deadlineMillis), answers);
    return answers;
  }

  /** Applies everything that was proposed and is not applied yet, as one batch. */
  void commit() {
    List<Proposed> batch = List.copyOf(proposed);
    proposed.clear();
    List<Applied> results = new ArrayList<>();
    for (Proposed one : batch) {
      results.add(apply(EntryKind.COMMAND, one.payload()));
    }
    states.publish();
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).completion().applied(results.get(i).index(), results.get(i), timing);
    }
    time.pass(0);
  }

  /** Applies a command of another node, which this coordinator knows nothing of. */
  Applied applyElsewhere(Command command) {
    Applied applied =
        apply(EntryKind.COMMAND, RequestCodec.encode(new Request("t", null, command)));
    states.publish();
    time.pass(0);
    return applied;
  }

  /** Lets cluster time pass, and with it what is due. */
  void passClusterTime(long millis) {
    clusterTimeMillis += millis;
    apply(EntryKind.EMPTY, Bytes.EMPTY);
    states.publish();
    time.pass(0);
  }

  private Applied apply(EntryKind kind, Bytes payload) {
    index++;
    return states.apply(new Entry(index, 1, clusterTimeMillis, kind, payload));
  }

  /** Fails everything that was proposed. */
  void fail(Outcome outcome) {
    List<Proposed> batch = List.copyOf(proposed);
    proposed.clear();
    batch.forEach(one -> one.completion().failed(outcome));
    time.pass(0);
  }

  /** The only forward that was sent. */
  ServiceMessage.Forward onlyForward() {
    List<ServiceMessage.Forward> forwards = forwards();
    if (forwards.size() != 1) {
      throw new AssertionError("one forward is due, not " + forwards);
    }
    return forwards.get(0);
  }

  List<ServiceMessage.Forward> forwards() {
    List<ServiceMessage.Forward> forwards = new ArrayList<>();
    for (Sent one : sent) {
      if (one.message() instanceof ServiceMessage.Forward forward) {
        forwards.add(forward);
      }
    }
    return forwards;
  }

  void arrive(NodeId from, ServiceMessage message) {
    coordinator.onService(from, ServiceCodec.encode(message));
    time.pass(0);
  }

  static Command put(String key) {
    return new Command.Put(
        Bytes.utf8(key),
        Bytes.utf8("v"),
        "",
        new LeaseBinding.Detach(),
        new KeyCondition.Always(),
        List.of(),
        false);
  }

  static Command renew(LeaseId... leases) {
    List<Renewal> renewals = new ArrayList<>();
    for (LeaseId lease : leases) {
      renewals.add(new Renewal.OfLease(lease));
    }
    return new Command.Renew(renewals);
  }

  Command.LockAcquire acquire(String name, long waitMillis, boolean keyed) {
    return new Command.LockAcquire(
        Bytes.utf8(name),
        new Holder.OwnLease(15_000),
        "o",
        waitMillis,
        new Server(SELF, START),
        keyed,
        coordinator.nonce());
  }

  private final class ScriptedLog implements RaftHandle<Applied> {
    @Override
    public void propose(Bytes command, Completion<Applied> completion) {
      proposed.add(new Proposed(command, completion));
    }

    @Override
    public void read(ReadCompletion completion) {
      reads.add(completion);
    }

    @Override
    public RaftStatus status() {
      boolean leads = SELF.equals(leader);
      return new RaftStatus(
          SELF,
          leads ? RoleName.LEADER : RoleName.FOLLOWER,
          1,
          leader,
          1,
          new EntryId(1, index + proposed.size()),
          index,
          index,
          index,
          clusterTimeMillis,
          1,
          leads ? 1 : 0,
          0,
          0,
          proposed.size(),
          confirmedAtNanos,
          confirmedClusterTimeMillis,
          new Membership(List.of(SELF)),
          false,
          StateAgreement.UNCOMPARED);
    }

    @Override
    public Room room() {
      return room;
    }

    @Override
    public void capture(Consumer<@Nullable Capture> taken) {
      throw new AssertionError("nobody asks for that");
    }

    @Override
    public void changeMembership(
        MembershipChange change, List<Contact> known, ChangeCompletion completion) {
      throw new AssertionError("nobody asks for that");
    }

    @Override
    public void transferLeadership(@Nullable NodeId to) {
      throw new AssertionError("nobody asks for that");
    }
  }

  private final class ScriptedLinks implements Transport {
    @Override
    public void start(Receiver receiver) {
      throw new AssertionError("the coordinator only sends");
    }

    @Override
    public void send(NodeId to, Message message) {
      throw new AssertionError("the coordinator sends no protocol messages");
    }

    @Override
    public boolean sendService(NodeId to, Bytes payload) {
      if (linksWork) {
        sent.add(new Sent(to, ServiceCodec.decode(payload)));
      }
      return linksWork;
    }

    @Override
    public void sendSnapshot(NodeId to, long term, SnapshotSource snapshot, SnapshotSent done) {
      throw new AssertionError("the coordinator sends no snapshots");
    }

    @Override
    public boolean connected(NodeId peer) {
      return linksWork;
    }
  }
}
