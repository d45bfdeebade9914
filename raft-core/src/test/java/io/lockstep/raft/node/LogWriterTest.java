package io.lockstep.raft.node;

import static io.lockstep.raft.node.NodeFixture.append;
import static io.lockstep.raft.node.NodeFixture.entries;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Effect;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Input;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.LogStore.Room;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Durable before said: the order of disk operations and of what is said about them. */
class LogWriterTest {
  private final NodeFixture node = new NodeFixture();

  @Test
  void oneForceAnswersAllThatATurnAppended() {
    node.start();
    node.log.forces = 0;
    node.effects(append(1, 2, 1), append(3, 3, 1), append(4, 9, 1));
    assertEquals(
        List.of("Received", "append 1+2", "append 3+1", "append 4+6", "force", "LogFlushed"),
        node.trace);
    assertEquals(
        List.of(new Input.LogFlushed(1, new EntryId(1, 9))),
        node.core.inputs(Input.LogFlushed.class));
    assertEquals(0, node.node.figures().logBytesPending());
    assertEquals(1, node.node.figures().forces());
    assertEquals(9, node.node.figures().forcedEntries());
  }

  @Test
  void nothingIsSaidWhileTheDiskStillWorks() {
    node.start();
    List<Integer> saidDuringForce = new ArrayList<>();
    List<Integer> saidDuringSave = new ArrayList<>();
    node.log.duringForce =
        () -> {
          node.time.passMillis(0);
          saidDuringForce.add(node.core.inputs(Input.LogFlushed.class).size());
        };
    node.hardState.duringSave =
        () -> {
          node.time.passMillis(0);
          saidDuringSave.add(node.core.inputs(Input.HardStateFlushed.class).size());
        };
    node.effects(append(1, 2, 1), new Effect.SaveHardState(new HardState(2, null)));
    assertEquals(List.of(0), saidDuringForce);
    assertEquals(List.of(0), saidDuringSave);
    assertEquals(1, node.core.inputs(Input.LogFlushed.class).size());
    assertEquals(1, node.core.inputs(Input.HardStateFlushed.class).size());
  }

  @Test
  void whatArrivesDuringAForceIsNotCoveredByIt() {
    node.start();
    List<EntryId> flushed = new ArrayList<>();
    node.log.duringForce =
        () -> {
          if (node.log.entries().size() == 2) {
            node.effectsNow(append(3, 4, 1));
          }
        };
    node.effects(append(1, 2, 1));
    node.core.inputs(Input.LogFlushed.class).forEach(said -> flushed.add(said.upTo()));
    assertEquals(List.of(new EntryId(1, 2), new EntryId(1, 4)), flushed);
  }

  @Test
  void appendsThatWaitShareAForce() {
    node.start();
    node.log.forces = 0;
    for (int i = 1; i <= 5; i++) {
      node.effectsNow(append(i, i, 1));
    }
    node.time.passMillis(10);
    assertEquals(1, node.log.forces, "the log loop begins a millisecond later");
  }

  @Test
  void theStoreIsToldWhenNothingWaits() {
    node.start();
    node.log.idles = 0;
    for (int i = 1; i <= 5; i++) {
      node.effectsNow(append(i, i, 1));
    }
    assertEquals(0, node.log.idles);
    node.time.passMillis(10);
    assertEquals(1, node.log.idles);
  }

  @Test
  void aForceCoversAboutTheBytesThatItMay() {
    long weight = NodeFixture.entry(1, 1).weightBytes();
    node.options = NodeFixture.withForceBytes(10 * weight);
    node.start();
    node.log.forces = 0;
    Effect[] appends = new Effect[25];
    for (int i = 0; i < 25; i++) {
      appends[i] = append(i + 1, i + 1, 1);
    }
    node.effects(appends);
    assertEquals(3, node.log.forces, "ten, ten and five entries");
    assertEquals(
        List.of(10L, 20L, 25L),
        node.core.inputs(Input.LogFlushed.class).stream().map(f -> f.upTo().index()).toList());
  }

  @Test
  void theHardStateIsDurableBeforeEntriesOfItsTermAreWritten() {
    node.start();
    node.effects(
        append(1, 1, 1),
        new Effect.SaveHardState(new HardState(2, NodeFixture.PEER)),
        append(2, 2, 2));
    assertEquals(
        List.of(
            "Received",
            "append 1+1",
            "save 2",
            "append 2+1",
            "force",
            "HardStateFlushed",
            "LogFlushed",
            "LogFlushed"),
        node.trace);
  }

  @Test
  void aTruncationComesBetweenTheAppendsThatSurroundIt() {
    node.start();
    node.effects(append(1, 5, 1), new Effect.TruncateLog(3), append(3, 3, 2));
    assertEquals(
        List.of("Received", "append 1+5", "truncate 3", "append 3+1", "force"),
        node.trace.subList(0, 5));
    assertEquals(
        List.of(
            new Input.LogFlushed(1, new EntryId(1, 5)), new Input.LogFlushed(2, new EntryId(2, 3))),
        node.core.inputs(Input.LogFlushed.class));
  }

  @Test
  void aReadSeesWhatWasAppendedBeforeIt() {
    node.start();
    node.effects(append(1, 4, 1), new Effect.ReadLog(2, 5, 1_000_000));
    assertEquals(
        List.of(new Input.LogRead(2, entries(2, 4, 1))), node.core.inputs(Input.LogRead.class));
  }

  @Test
  void aFailedForceEndsTheNodeAndIsNeverTriedAgain() {
    node.start();
    node.core.script =
        input -> input instanceof Input.Propose ? List.of(append(1, 1, 1)) : List.of();
    node.propose("a");
    node.time.passMillis(0);
    node.log.forces = 0;
    node.log.failForce = new IOException("EIO");
    node.time.passMillis(5);
    node.log.failForce = null;
    node.propose("b");
    node.effects(append(2, 2, 1));
    node.time.passMillis(5_000);
    assertEquals(List.of("log writer: EIO"), node.fatal);
    assertEquals(0, node.core.inputs(Input.LogFlushed.class).size());
    assertEquals(List.of("a Unknown[]", "b NotLeader[leader=null]"), node.answers);
    assertEquals(1, node.log.forces);
  }

  @Test
  void whatWaitsBehindAFailedForceIsNotWritten() {
    node.start();
    node.log.forces = 0;
    node.log.failForce = new IOException("EIO");
    node.log.duringForce = () -> node.effectsNow(append(2, 2, 1));
    node.effects(append(1, 1, 1));
    node.log.failForce = null;
    node.time.passMillis(5_000);
    assertEquals(1, node.log.forces);
    assertFalse(node.trace.contains("append 2+1"), node.trace.toString());
    assertEquals(1, node.fatal.size());
  }

  @Test
  void aFaultOfAMappedFileEndsTheNode() {
    node.start();
    node.log.failure = new InternalError("a fault occurred in an unsafe memory access");
    node.effects(append(1, 1, 1));
    assertEquals(1, node.fatal.size());
    assertEquals(0, node.core.inputs(Input.LogFlushed.class).size());
  }

  @Test
  void aHardStateThatCannotBeSavedEndsTheNodeBeforeEntriesOfItsTermAreWritten() {
    node.start();
    node.hardState.failure = new IOException("read-only");
    node.effects(new Effect.SaveHardState(new HardState(2, null)), append(1, 1, 2));
    assertEquals(List.of("log writer: read-only"), node.fatal);
    assertEquals(List.of(), node.log.entries());
    assertEquals(0, node.core.inputs(Input.HardStateFlushed.class).size());
  }

  @Test
  void withoutRoomOnlyWhatWasWrittenIsAcknowledged() {
    node.log.capacity = 3;
    node.start();
    node.effects(append(1, 5, 1), append(6, 6, 1));
    assertEquals(
        List.of(new Input.LogFlushed(1, new EntryId(1, 3))),
        node.core.inputs(Input.LogFlushed.class));
    assertEquals(Room.NONE, node.node.room());
    node.time.passMillis(3_000);
    assertEquals(3, node.log.entries().size());
    assertTrue(node.fatal.isEmpty(), "no room is a state and not a fault");

    node.log.capacity = 100;
    node.time.passMillis(1_001);
    assertEquals(
        new Input.LogFlushed(1, new EntryId(1, 6)),
        node.core.inputs(Input.LogFlushed.class).getLast());
    assertEquals(entries(1, 6, 1), node.log.entries());
    assertEquals(Room.AMPLE, node.node.room());
    assertEquals(List.of(Room.NONE, Room.AMPLE), node.rooms);
    assertEquals(0, node.node.figures().logBytesPending());
    assertEquals(0, node.node.figures().logOperationsQueued());
  }

  @Test
  void aLogWithoutRoomIsTriedAboutOnceASecondOnly() {
    node.log.capacity = 0;
    node.start();
    node.effects(append(1, 1, 1));
    for (int i = 2; i < 50; i++) {
      node.effects(append(i, i, 1));
    }
    node.time.passMillis(10_000 - 49 * 50);
    long tries = node.trace.stream().filter(line -> line.startsWith("append")).count();
    assertTrue(tries >= 9 && tries <= 12, tries + " tries in ten seconds");
    assertEquals(0, node.core.inputs(Input.LogFlushed.class).size());
  }

  @Test
  void aHardStateOvertakesEntriesThatFindNoRoom() {
    node.log.capacity = 1;
    node.start();
    node.effects(
        append(1, 3, 1), new Effect.SaveHardState(new HardState(5, null)), append(4, 4, 5));
    assertEquals(
        List.of(new Input.HardStateFlushed(new HardState(5, null))),
        node.core.inputs(Input.HardStateFlushed.class));
    node.effects(new Effect.SaveHardState(new HardState(6, null)));
    assertEquals(2, node.core.inputs(Input.HardStateFlushed.class).size());
    assertEquals(6, node.hardState.load().term());
    assertEquals(1, node.log.entries().size());
  }

  @Test
  void aReadOvertakesOnlyAsFarAsNothingThatWaitsChangesWhatItSees() {
    node.log.capacity = 4;
    node.start();
    node.effects(append(1, 4, 1));
    node.effects(
        append(5, 5, 1),
        new Effect.ReadLog(1, 3, 1_000_000),
        new Effect.TruncateLog(4),
        new Effect.ReadLog(2, 5, 1_000_000));
    assertEquals(
        List.of(new Input.LogRead(1, entries(1, 2, 1)), new Input.LogRead(2, entries(2, 3, 1))),
        node.core.inputs(Input.LogRead.class));

    node.effects(append(4, 4, 2), new Effect.ReadLog(4, 5, 1_000_000));
    assertEquals(2, node.core.inputs(Input.LogRead.class).size(), "entry 4 will be another");
    node.log.capacity = 5;
    node.time.passMillis(1_001);
    assertEquals(
        new Input.LogRead(4, entries(4, 4, 2)), node.core.inputs(Input.LogRead.class).getLast());
  }

  @Test
  void truncationsAndAppendsKeepTheirOrderWhileThereIsNoRoom() {
    node.log.capacity = 2;
    node.start();
    node.effects(append(1, 3, 1), new Effect.TruncateLog(2), append(2, 3, 2));
    assertFalse(node.trace.contains("truncate 2"), "entry 3 of term 1 comes first");
    node.log.capacity = 3;
    node.time.passMillis(1_001);
    assertEquals(
        List.of(NodeFixture.entry(1, 1), NodeFixture.entry(2, 2), NodeFixture.entry(3, 2)),
        node.log.entries());
  }

  @Test
  void aLeaderThatRunsOutOfRoomHandsOverOnceForEachChange() {
    node.start();
    node.core.role = RoleName.LEADER;
    node.effects(append(1, 1, 1));
    assertEquals(0, transfers());

    node.log.roomWhenAny = Room.RESERVE;
    node.effects(append(2, 2, 1));
    node.time.passMillis(10_000);
    assertEquals(1, transfers());
    assertEquals(Room.RESERVE, node.node.room());

    node.log.roomWhenAny = Room.AMPLE;
    node.time.passMillis(1_001);
    assertEquals(Room.AMPLE, node.node.room(), "seen without a force");
    node.log.roomWhenAny = Room.RESERVE;
    node.effects(append(3, 3, 1));
    node.time.passMillis(10_000);
    assertEquals(2, transfers());
  }

  @Test
  void aFollowerWithoutRoomHandsOverWhenItIsElected() {
    node.start();
    node.log.roomWhenAny = Room.RESERVE;
    node.effects(append(1, 1, 1));
    node.time.passMillis(5_000);
    assertEquals(0, transfers());
    node.core.role = RoleName.LEADER;
    node.time.passMillis(5_000);
    assertEquals(1, transfers());
  }

  private int transfers() {
    return node.core.inputs(Input.TransferLeadership.class).size();
  }

  @Test
  void recoveryForcesAndGivesTheCoreTheTail() {
    node.log = new MemoryLog(node.trace);
    assertEquals(200, appended(node.log, entries(1, 200, 3)));
    node.hardState = MemoryHardState.of(new HardState(3, null), node.trace);
    long weight = NodeFixture.entry(1, 1).weightBytes();
    node.raftOptions =
        new RaftOptions(
            100, 500, 1_000, 1 << 20, 64, 8 << 20, (int) (100 * (weight + 2)), 8 << 20, 16, 1_000);
    node.start();
    assertEquals(new EntryId(3, 200), node.core.recoveredLog.last());
    assertEquals(200, node.core.recoveredLog.tail().getLast().index());
    int size = node.core.recoveredLog.tail().size();
    assertTrue(size >= 98 && size <= 102, size + " entries fit");
    assertEquals(1, node.log.forces, "what an earlier life did not force does not count before");
  }

  private static int appended(MemoryLog log, List<Entry> entries) {
    try {
      return log.append(entries);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aHardStateBelowTheLogIsLostAndTheNodeRefusesToStart() {
    appended(node.log, entries(1, 2, 3));
    node.hardState = MemoryHardState.of(new HardState(2, null), node.trace);
    node.start();
    assertEquals(1, node.fatal.size());
    assertTrue(node.fatal.getFirst().contains("hard state is lost"), node.fatal.getFirst());
    node.node.propose(Bytes.utf8("a"), node.caller("a"));
    node.time.passMillis(1);
    assertEquals(List.of("a NotLeader[leader=null]"), node.answers);
  }
}
