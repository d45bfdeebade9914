package io.lockstep.raft.node;

import static io.lockstep.raft.node.NodeFixture.PEER;
import static io.lockstep.raft.node.NodeFixture.SELF;
import static io.lockstep.raft.node.NodeFixture.append;
import static io.lockstep.raft.node.NodeFixture.entries;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Effect;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Input;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.RecoveredLog;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.SnapshotOptions;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.storage.Repair;
import io.lockstep.raft.storage.SnapshotSink;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Snapshots in the driver: when they are taken, how they are installed, what a start makes of them.
 */
class NodeSnapshotsTest {
  private static final Membership MEMBERS = new Membership(List.of(SELF));
  private static final SnapshotOptions OPTIONS = new SnapshotOptions(3, 10_000, 4, 0, 0, 200);

  private final NodeFixture node = new NodeFixture();

  private NodeFixture started() {
    node.raftOptions = RaftOptions.LAN.withSnapshots(OPTIONS);
    return node.start();
  }

  private static SnapshotMeta meta(long index) {
    return new SnapshotMeta(new EntryId(1, index), 0, MEMBERS);
  }

  private static Effect apply(long first, long last) {
    return new Effect.Apply(entries(first, last, 1));
  }

  private List<Input.SnapshotStored> stored() {
    return node.core.inputs(Input.SnapshotStored.class);
  }

  // ---- Taking.

  @Test
  void oneIsTakenAfterSoManyEntries() {
    started().effects(append(1, 2, 1), apply(1, 2));
    assertEquals(List.of(), stored());
    node.effects(append(3, 5, 1), apply(3, 5));
    assertEquals(List.of(new Input.SnapshotStored(meta(5), false)), stored());
    assertEquals(1, node.node.figures().snapshots().taken());
    assertEquals(5, node.node.figures().snapshots().lastIndex());
    node.effects(append(6, 7, 1), apply(6, 7));
    assertEquals(1, stored().size(), "it counts from the last one on");
  }

  @Test
  void oneIsTakenAfterSoManyBytes() {
    started();
    Entry large = new Entry(1, 1, 0, EntryKind.COMMAND, Bytes.wrap(new byte[20_000]));
    node.effects(new Effect.AppendLog(1, List.of(large)), new Effect.Apply(List.of(large)));
    assertEquals(1, stored().size());
  }

  @Test
  void oneIsTakenWhenTheLogHasTooManySegmentsAndThenOnlyWhenItHasMore() {
    started();
    node.log.segments = 4;
    node.effects(append(1, 1, 1));
    node.effects(apply(1, 1));
    assertEquals(List.of(new Input.SnapshotStored(meta(1), true)), stored());
    node.effects(new Effect.CompactLog(2));
    node.effects(append(2, 2, 1), apply(2, 2));
    assertEquals(1, stored().size(), "nothing became of the compaction");
    node.log.segments = 5;
    node.effects(append(3, 3, 1));
    node.effects(apply(3, 3));
    assertEquals(2, stored().size());
  }

  @Test
  void itHasTheStampAndTheMembershipOfItsLastEntry() {
    started();
    Membership other = new Membership(List.of(SELF, PEER, new NodeId("n3")));
    Entry change = new Entry(1, 1, 7, EntryKind.MEMBERSHIP, MembershipCodec.encode(other));
    Entry last = new Entry(2, 1, 9, EntryKind.EMPTY, Bytes.EMPTY);
    node.log.segments = 4;
    node.effects(new Effect.AppendLog(1, List.of(change, last)));
    node.effects(new Effect.Apply(List.of(change, last)));
    assertEquals(new SnapshotMeta(new EntryId(1, 2), 9, other), stored().getFirst().meta());
  }

  /** Else a start could find itself behind its own state, as after a loss of the hard state. */
  @Test
  void itIsNotDurableBeforeTheTermThatItIsOf() {
    started();
    node.effects(append(1, 5, 1), new Effect.SaveHardState(new HardState(2, null)), apply(1, 5));
    assertTrue(
        node.trace.indexOf("HardStateFlushed") < node.trace.indexOf("save 5"),
        node.trace.toString());
  }

  @Test
  void oneIsTakenAtATime() {
    started();
    node.effectsNow(append(1, 3, 1), apply(1, 3));
    node.effectsNow(append(4, 6, 1), apply(4, 6));
    node.time.passMillis(50);
    assertEquals(1, stored().size());
    node.effects(append(7, 7, 1), apply(7, 7));
    assertEquals(7, stored().getLast().meta().last().index());
  }

  @Test
  void wantOfRoomIsNoFault() {
    started();
    node.snapshots.failure = new NoSpaceException("full");
    node.effects(append(1, 3, 1), apply(1, 3));
    assertEquals(List.of(), stored());
    assertEquals(List.of(), node.fatal);
    assertEquals(1, node.node.figures().snapshots().failed());
    node.snapshots.failure = null;
    node.time.passMillis(300);
    node.effects(append(4, 4, 1), apply(4, 4));
    assertEquals(4, stored().getFirst().meta().last().index(), "it is tried again after a while");
  }

  @Test
  void aFailingDiskIsTheEnd() {
    started();
    node.snapshots.failure = new IOException("the force failed");
    node.effects(append(1, 3, 1), apply(1, 3));
    assertEquals(List.of("snapshot: the force failed"), node.fatal);
    assertEquals(List.of(), stored());
  }

  @Test
  void theLogIsCompactedInOrder() {
    started();
    node.effects(append(1, 5, 1));
    node.trace.clear();
    node.effects(append(6, 6, 1), new Effect.CompactLog(4), append(7, 7, 1));
    assertEquals(
        List.of("Received", "append 6+1", "compact 4", "append 7+1", "force", "LogFlushed"),
        node.trace);
  }

  @Test
  void aLogWithoutRoomIsCompactedAllTheSame() {
    started();
    node.effects(append(1, 5, 1));
    node.log.capacity = 5;
    node.effects(append(6, 7, 1), new Effect.CompactLog(4));
    assertTrue(node.trace.contains("compact 4"), node.trace.toString());
    assertEquals(4, node.log.firstIndex());
  }

  // ---- Sending.

  @Test
  void theNewestIsSent() {
    started().effects(append(1, 5, 1), apply(1, 5));
    node.effects(new Effect.SendSnapshot(PEER, 3));
    assertTrue(node.trace.contains("send snapshot 5"));
    assertEquals(
        List.of(new Input.SnapshotSent(PEER, 3, 5, true)),
        node.core.inputs(Input.SnapshotSent.class));
  }

  @Test
  void oneThatCannotBeReadIsReplaced() {
    started().effects(append(1, 5, 1), apply(1, 5));
    node.snapshots.damage = new IOException("a bit is wrong");
    node.effects(new Effect.SendSnapshot(PEER, 3));
    assertEquals(
        List.of(new Input.SnapshotSent(PEER, 3, 5, false)),
        node.core.inputs(Input.SnapshotSent.class));
    node.snapshots.damage = null;
    node.effects(append(6, 6, 1), apply(6, 6));
    assertEquals(6, stored().getLast().meta().last().index(), "without waiting for more entries");
    assertEquals(List.of(), node.fatal);
  }

  // ---- Receiving and installing.

  private void receive(long index) throws IOException {
    SnapshotSink sink = Objects.requireNonNull(node.node.acceptSnapshot(1, meta(index)));
    sink.put(Bytes.utf8("state"));
    sink.finish();
    node.node.receiveSnapshot(PEER, 1, meta(index));
  }

  private void installing(Effect... before) throws IOException {
    receive(9);
    node.time.passMillis(10);
    node.trace.clear();
    Effect[] effects = new Effect[before.length + 1];
    System.arraycopy(before, 0, effects, 0, before.length);
    effects[before.length] = new Effect.RestoreSnapshot(meta(9), false);
    node.effects(effects);
  }

  @Test
  void itIsInstalledThenTheLogFollowsThenTheStateThenTheCoreIsTold() throws IOException {
    started();
    installing();
    assertEquals(
        List.of(
            "Received", "install 9", "reset 9", "restore 1 chunks", "publish", "SnapshotRestored"),
        node.trace);
    assertEquals(
        List.of(new Input.SnapshotRestored(meta(9), 77)),
        node.core.inputs(Input.SnapshotRestored.class));
    assertEquals(1, node.node.figures().snapshots().installed());
    node.effects(append(10, 10, 1), apply(10, 10));
    assertTrue(node.trace.contains("apply 10"), "it goes on from there");
  }

  @Test
  void whatWasAppendedAndAppliedBeforeComesFirst() throws IOException {
    started();
    installing(append(1, 2, 1), apply(1, 2));
    assertTrue(
        node.trace.indexOf("force") < node.trace.indexOf("install 9"), node.trace.toString());
    assertTrue(
        node.trace.indexOf("LogFlushed") < node.trace.indexOf("SnapshotRestored"),
        node.trace.toString());
    assertTrue(
        node.trace.indexOf("apply 2") < node.trace.indexOf("restore 1 chunks"),
        node.trace.toString());
  }

  @Test
  void aLogThatHoldsItsLastEntryIsKept() throws IOException {
    started();
    node.effects(append(1, 12, 1));
    receive(9);
    node.effects(new Effect.RestoreSnapshot(meta(9), true));
    assertEquals(10, node.log.firstIndex());
    assertEquals(12, node.log.last().index());
    assertTrue(node.trace.indexOf("install 9") < node.trace.indexOf("compact 10"));
  }

  @Test
  void whereTheNewLogHasNoRoomItWaitsAndInstallsOnce() throws IOException {
    started();
    node.log.failure = new NoSpaceException("full");
    installing();
    assertEquals(List.of(), node.fatal);
    assertEquals(List.of(), node.core.inputs(Input.SnapshotRestored.class));
    node.log.failure = null;
    node.time.passMillis(1_500);
    assertEquals(1, node.core.inputs(Input.SnapshotRestored.class).size());
    assertEquals(1, node.trace.stream().filter("install 9"::equals).count());
  }

  @Test
  void whoWaitsForAnEntryThatIsJumpedOverIsToldThatItsFateIsUnknown() throws IOException {
    started();
    node.core.role = RoleName.LEADER;
    node.core.script =
        input ->
            input instanceof Input.Propose propose
                ? List.of(
                    new Effect.Complete(
                        propose.proposals().getFirst().ticket(), new Outcome.Committed(4)))
                : List.of();
    node.propose("x");
    node.time.passMillis(10);
    assertEquals(List.of(), node.answers);
    receive(9);
    node.effects(new Effect.RestoreSnapshot(meta(9), false));
    assertEquals(List.of("x Unknown[]"), node.answers);
  }

  @Test
  void anotherIsRefusedUntilTheLastOneIsInstalledOrNotWanted() throws IOException {
    started();
    receive(9);
    assertNull(node.node.acceptSnapshot(1, meta(12)), "the core has not seen it");
    node.time.passMillis(10);
    assertNotNull(node.node.acceptSnapshot(1, meta(12)), "the core did not want it");
    receive(9);
    node.time.passMillis(10);
    node.core.script =
        input ->
            input instanceof Input.SnapshotReceived
                ? List.of(new Effect.RestoreSnapshot(meta(12), false))
                : List.of();
    receive(12);
    node.time.passMillis(0);
    assertNull(node.node.acceptSnapshot(1, meta(15)), "it is being installed");
    node.time.passMillis(50);
    assertNotNull(node.node.acceptSnapshot(1, meta(15)));
  }

  @Test
  void oneOfAnEarlierTermIsRefused() throws IOException {
    started();
    node.core.term = 5;
    node.effects(append(1, 1, 1));
    assertNull(node.node.acceptSnapshot(4, meta(12)));
    assertNotNull(node.node.acceptSnapshot(5, meta(12)));
  }

  // ---- Starting.

  private void store(long index) throws IOException {
    node.snapshots.save(meta(index), sink -> sink.put(Bytes.utf8("state")));
    node.hardState = MemoryHardState.of(new HardState(1, null), node.trace);
  }

  @Test
  void theNewestIsRestoredBeforeAnythingElse() throws IOException {
    store(9);
    node.log.resetTo(new EntryId(1, 9));
    node.log.append(entries(10, 12, 1));
    node.startOnly();
    node.time.passMillis(5);
    assertTrue(node.trace.contains("restore 1 chunks"));
    assertEquals(meta(9), node.core.recoveredLog.snapshot());
    assertEquals(new EntryId(1, 9), node.core.recoveredLog.start());
    assertEquals(new EntryId(1, 12), node.core.recoveredLog.last());
    assertEquals(9, node.node.figures().snapshots().lastIndex());
    node.effects(apply(10, 12));
    assertTrue(node.trace.contains("apply 10"));
  }

  @Test
  void aLogThatEndsBeforeItBeginsAnew() throws IOException {
    store(9);
    node.log.append(entries(1, 4, 1));
    node.startOnly();
    node.time.passMillis(5);
    assertTrue(node.trace.contains("reset 9"));
    assertEquals(new EntryId(1, 9), node.core.recoveredLog.last());
  }

  @Test
  void aLogThatHasAnotherEntryThereBeginsAnew() throws IOException {
    node.snapshots.save(
        new SnapshotMeta(new EntryId(2, 9), 0, MEMBERS), sink -> sink.put(Bytes.utf8("state")));
    node.hardState = MemoryHardState.of(new HardState(2, null), node.trace);
    node.log.append(entries(1, 12, 1));
    node.startOnly();
    node.time.passMillis(5);
    assertEquals(new EntryId(2, 9), node.core.recoveredLog.last());
    assertEquals(List.of(), node.core.recoveredLog.tail());
  }

  /** The term before the first entry is not known: that entry stands for it. */
  @Test
  void aLogThatReachesBackBehindItStartsAtItsFirstEntry() throws IOException {
    store(9);
    node.log.append(entries(1, 12, 1));
    node.log.compactTo(5);
    node.startOnly();
    node.time.passMillis(5);
    assertEquals(new EntryId(1, 5), node.core.recoveredLog.start());
    assertEquals(6, node.core.recoveredLog.tail().getFirst().index());
  }

  @Test
  void entriesThatLackBetweenItAndTheLogEndTheStart() throws IOException {
    store(9);
    node.log.append(entries(1, 20, 1));
    node.log.compactTo(12);
    node.startOnly();
    node.time.passMillis(5);
    assertEquals(
        List.of(
            "recovery: the log begins at entry 12, but the newest snapshot ends at entry 9: those"
                + " between are lost; this node is the only voter, so nobody can replace what is"
                + " lost: bring back its data directory from a copy"),
        node.fatal);
    assertNull(node.repairs.begun);
    assertEquals(12, node.log.firstIndex(), "nothing was dropped");
  }

  @Test
  void whereThereAreOthersAllThatFollowsIsDropped() throws IOException {
    store(9);
    Membership two = new Membership(List.of(SELF, PEER));
    node.snapshots.save(new SnapshotMeta(new EntryId(1, 9), 0, two), sink -> {});
    node.log.append(entries(1, 20, 1));
    node.log.compactTo(12);
    node.startOnly();
    node.time.passMillis(5);
    assertEquals(List.of(), node.fatal);
    assertEquals(new Repair(new EntryId(1, 9), 20), node.repairs.begun);
    assertEquals(new EntryId(1, 9), node.core.recoveredLog.last());
    assertTrue(node.core.recoveredLog.damaged());
    node.effects(new Effect.EndRepair());
    assertNull(node.repairs.begun);
  }

  @Test
  void withoutASnapshotNothingIsKept() throws IOException {
    node.log.append(entries(1, 20, 1));
    node.log.compactTo(12);
    node.membership = new Membership(List.of(SELF, PEER));
    node.startOnly();
    node.time.passMillis(5);
    assertEquals(List.of(), node.fatal);
    assertEquals(EntryId.NONE, node.repairs.begun.kept());
    assertEquals(RecoveredLog.EMPTY.underRepair(), node.core.recoveredLog);
  }

  @Test
  void aRepairThatHasBegunGoesOnAtTheNextStart() throws IOException {
    store(9);
    node.log.resetTo(new EntryId(1, 9));
    node.repairs.begin(new Repair(new EntryId(1, 9), 12));
    node.startOnly();
    node.time.passMillis(5);
    assertTrue(node.core.recoveredLog.damaged());
  }

  @Test
  void aLogWithoutABeginningAndWithoutASnapshotEndsTheStart() throws IOException {
    store(9);
    node.log.append(entries(1, 20, 1));
    node.log.compactTo(12);
    node.snapshots = new MemorySnapshots();
    node.startOnly();
    node.time.passMillis(5);
    assertTrue(node.fatal.getFirst().contains("no snapshot has those before it"));
  }

  @Test
  void aHardStateThatIsOlderThanItEndsTheStart() throws IOException {
    store(9);
    node.hardState = MemoryHardState.of(HardState.INITIAL, node.trace);
    node.startOnly();
    node.time.passMillis(5);
    assertTrue(node.fatal.getFirst().contains("the hard state is lost"), node.fatal.toString());
  }

  @Test
  void oneThatCannotBeReadEndsTheStart() throws IOException {
    store(9);
    node.log.resetTo(new EntryId(1, 9));
    node.snapshots.damage = new IOException("a bit is wrong: do this");
    node.startOnly();
    node.time.passMillis(5);
    assertEquals(List.of("recovery: a bit is wrong: do this"), node.fatal);
  }
}
