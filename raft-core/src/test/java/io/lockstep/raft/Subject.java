package io.lockstep.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.CoreFactory;
import io.lockstep.raft.script.Disk;
import io.lockstep.raft.script.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The node {@code a} of a cluster, alone on the bench: its peers are played by the test. Its disk
 * flushes at once unless {@link #slowDisk} says otherwise.
 */
final class Subject {
  static final NodeId A = new NodeId("a");
  static final NodeId B = new NodeId("b");
  static final NodeId C = new NodeId("c");
  static final NodeId D = new NodeId("d");
  static final NodeId E = new NodeId("e");
  static final NodeId F = new NodeId("f");
  static final RaftOptions OPTIONS =
      new RaftOptions(100, 500, 1_000, 1_000, 4, 4_000, 100_000, 100_000, 8, 1_000);

  private static final long MILLI = 1_000_000;

  final Host host;
  private final List<Effect.Send> sent = new ArrayList<>();
  private final List<Effect> told = new ArrayList<>();
  private final List<Effect.ChangeAnswered> changed = new ArrayList<>();
  private boolean slowDisk;
  private long nowMillis = 10_000;
  private long tickets;

  Subject(int voters, RaftOptions options, CoreFactory factory) {
    List<NodeId> ids = Stream.of(A, B, C, D, E).limit(voters).toList();
    host = new Host(A, new Membership(ids), options, factory, 1);
  }

  /** Started with nothing, one of three. */
  static Subject fresh() {
    return of(3, 0);
  }

  /** Started, one of so many, at a term and with entries of these terms. */
  static Subject of(int voters, long term, long... entryTerms) {
    return of(voters, term, RaftCore::new, entryTerms);
  }

  /** Started, one of three, with a snapshot up to an entry and entries of these terms after it. */
  static Subject restored(long term, EntryId last, long... entryTerms) {
    return restored(OPTIONS, term, last, entryTerms);
  }

  static Subject restored(RaftOptions options, long term, EntryId last, long... entryTerms) {
    Subject subject = new Subject(3, options, RaftCore::new);
    List<Entry> log = entries(last.index() + 1, entryTerms);
    subject.host.disk().preset(new HardState(term, null), snapshot(last), last, log);
    subject.start();
    return subject;
  }

  /** A snapshot up to this entry, of a state that entries of its term made. */
  static Disk.Stored snapshot(EntryId last) {
    long[] terms = LongStream.generate(last::term).limit(last.index()).toArray();
    SnapshotMeta meta = new SnapshotMeta(last, last.index(), new Membership(List.of(A, B, C)));
    return new Disk.Stored(meta, entries(1, terms));
  }

  static Subject of(int voters, long term, CoreFactory factory, long... entryTerms) {
    Subject subject = new Subject(voters, OPTIONS, factory);
    subject.host.disk().preset(new HardState(term, null), entries(1, entryTerms));
    subject.start();
    return subject;
  }

  /** Leader of {@code term}, with entries of these terms before its own. */
  static Subject leader(int voters, long term, long... entryTerms) {
    return leader(voters, term, RaftCore::new, entryTerms);
  }

  static Subject leader(int voters, long term, CoreFactory factory, long... entryTerms) {
    Subject subject = of(voters, term - 1, factory, entryTerms);
    subject.elect();
    return subject;
  }

  static Entry entry(long index, long term) {
    return new Entry(index, term, index, EntryKind.COMMAND, Bytes.utf8(term + "/" + index));
  }

  /** Entries from an index on, one for each term. */
  static List<Entry> entries(long from, long... terms) {
    return LongStream.range(0, terms.length)
        .mapToObj(i -> entry(from + i, terms[(int) i]))
        .toList();
  }

  static EntryId id(long term, long index) {
    return new EntryId(term, index);
  }

  static Message.Append append(long term, EntryId previous, long commit, Entry... entries) {
    return new Message.Append(term, previous, List.of(entries), commit, 0);
  }

  void start() {
    host.start(nanos());
  }

  /** From now on flushes and applies happen when {@link #settle} or a test says so. */
  Subject slowDisk() {
    slowDisk = true;
    return this;
  }

  long nanos() {
    return nowMillis * MILLI;
  }

  RaftStatus status() {
    return host.status();
  }

  RoleName role() {
    return status().role();
  }

  /** One step; returns the effects of this very step. */
  List<Effect> step(Input input) {
    List<Effect> effects = host.step(nanos(), input);
    effects.stream().filter(Effect.MembershipChanged.class::isInstance).forEach(told::add);
    sent.addAll(host.takeSent());
    changed.addAll(host.takeChanges());
    if (!slowDisk) {
      settle();
    }
    return effects;
  }

  /** A snapshot from the leader of {@code term} came in. */
  List<Effect> receiveSnapshot(NodeId from, long term, EntryId last) {
    Disk.Stored snapshot = snapshot(last);
    host.disk().receive(snapshot);
    return step(new Input.SnapshotReceived(from, term, snapshot.meta()));
  }

  /** Takes a snapshot of what is applied. */
  List<Effect> takeSnapshot(boolean tight) {
    List<Effect> effects = host.takeSnapshot(nanos(), tight);
    sent.addAll(host.takeSent());
    return effects;
  }

  /** Flushes and applies all. */
  void settle() {
    host.settle(nanos());
    sent.addAll(host.takeSent());
    changed.addAll(host.takeChanges());
  }

  List<Effect> receive(NodeId from, Message message) {
    return step(new Input.Received(from, message));
  }

  /** Time passes, with a tick every 10 ms. */
  void pass(long millis) {
    for (long passed = 0; passed < millis; passed += 10) {
      nowMillis += 10;
      step(new Input.Tick());
    }
  }

  /** Time passes without a step, as for a process that is stopped. */
  void pause(long millis) {
    nowMillis += millis;
  }

  void tick() {
    step(new Input.Tick());
  }

  long propose(String command) {
    long ticket = ++tickets;
    step(new Input.Propose(List.of(new Input.Proposal(ticket, Bytes.utf8(command)))));
    return ticket;
  }

  long read() {
    long ticket = ++tickets;
    step(new Input.Read(ticket));
    return ticket;
  }

  /** Asks for another membership. */
  long change(MembershipChange change) {
    long ticket = ++tickets;
    step(new Input.ChangeMembership(ticket, change, List.of()));
    return ticket;
  }

  /** What became of a membership change; null while it is open. */
  @Nullable ChangeOutcome changed(long ticket) {
    List<ChangeOutcome> found =
        changed.stream()
            .filter(each -> each.ticket() == ticket)
            .map(each -> each.outcome())
            .toList();
    if (found.size() > 1) {
      throw new AssertionError("answered twice: " + found);
    }
    return found.isEmpty() ? null : found.getFirst();
  }

  /** Why a membership change was refused. */
  ChangeRefusal refusal(long ticket) {
    if (changed(ticket) instanceof ChangeOutcome.Refused(ChangeRefusal reason)) {
      return reason;
    }
    throw new AssertionError("not refused: " + changed(ticket));
  }

  /** What was said of the membership. */
  List<Effect> told() {
    return told;
  }

  Membership membership() {
    return status().membership();
  }

  static Contact contact(NodeId id) {
    return new Contact(id, "storage-" + id, id + ":1", "");
  }

  /** An entry that brings a membership. */
  static Entry membership(long index, long term, Membership membership) {
    return new Entry(index, term, index, EntryKind.MEMBERSHIP, MembershipCodec.encode(membership));
  }

  Outcome outcome(long ticket) {
    return host.outcome(ticket);
  }

  /** What was sent since the last call, all of it. */
  List<Effect.Send> takeSent() {
    List<Effect.Send> taken = List.copyOf(sent);
    sent.clear();
    return taken;
  }

  /** The messages of one kind to one peer among those sent since the last {@link #takeSent}. */
  <M extends Message> List<M> sent(NodeId to, Class<M> kind) {
    return sent.stream()
        .filter(send -> send.to().equals(to) && kind.isInstance(send.message()))
        .map(send -> kind.cast(send.message()))
        .toList();
  }

  <M extends Message> M lastSent(NodeId to, Class<M> kind) {
    List<M> found = sent(to, kind);
    if (found.isEmpty()) {
      throw new AssertionError("no " + kind.getSimpleName() + " to " + to + " among " + sent);
    }
    return found.getLast();
  }

  boolean nothingSent(Class<? extends Message> kind) {
    return sent.stream().noneMatch(send -> kind.isInstance(send.message()));
  }

  /** Waits until it asks for pre-votes. */
  void timeOut() {
    long term = status().term();
    takeSent();
    for (int i = 0; i <= 101 && nothingSent(Message.PreVote.class); i++) {
      pass(10);
    }
    assertEquals(term, status().term(), "a pre-vote does not raise the term");
  }

  /** Time-out and a pre-vote from each peer: it is a candidate. */
  void campaign() {
    timeOut();
    long term = status().term() + 1;
    others().forEach(peer -> receive(peer, new Message.PreVoteReply(term, true)));
    assertEquals(RoleName.CANDIDATE, role());
  }

  /** Wins an election. */
  void elect() {
    campaign();
    long term = status().term();
    others().forEach(peer -> receive(peer, new Message.VoteReply(term, true)));
    assertEquals(RoleName.LEADER, role());
  }

  /** A peer claims that its log matches up to the subject's last entry. */
  void matchAll(NodeId... peers) {
    long last = status().lastLog().index();
    for (NodeId peer : peers) {
      receive(peer, new Message.Appended(status().term(), last, 0));
    }
  }

  /** Peers echo the latest round that was sent to them. */
  void echo(NodeId... peers) {
    for (NodeId peer : peers) {
      long round = lastSent(peer, Message.Heartbeat.class).round();
      receive(peer, new Message.HeartbeatReply(status().term(), round));
    }
  }

  List<NodeId> others() {
    return Stream.of(B, C, D, E).limit(voters() - 1).toList();
  }

  private int voters() {
    return host.membership().voters().size();
  }
}
