package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.command.RequestCodec.UnknownVersion;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure.MalformedCommand;
import io.lockstep.kv.result.ResultCodec;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the state machine demands of the log and gives to readers. */
class KvStateMachineTest {
  private static Entry entry(long index, long time, Bytes payload) {
    return new Entry(index, 1, time, EntryKind.COMMAND, payload);
  }

  private static Bytes payload(String value) {
    return RequestCodec.encode(new Request("anonymous", null, put("a", value)));
  }

  @Test
  void readersSeeNothingBeforeItIsPublished() {
    AtomicInteger published = new AtomicInteger();
    KvStateMachine machine = new KvStateMachine(published::incrementAndGet);
    machine.apply(entry(1, 5, payload("1")));
    assertEquals(0, machine.view().appliedIndex());
    assertEquals(0, published.get());
    machine.publish();
    assertEquals(1, machine.view().appliedIndex());
    assertEquals(5, machine.view().clusterTimeMillis());
    assertEquals(1, published.get());
  }

  @Test
  void entriesComeInOrderOrTheNodeStops() {
    KvStateMachine machine = new KvStateMachine(() -> {});
    machine.apply(entry(1, 5, payload("1")));
    assertThrows(Invariant.Broken.class, () -> machine.apply(entry(3, 5, payload("2"))));
    assertThrows(Invariant.Broken.class, () -> machine.apply(entry(1, 5, payload("2"))));
    assertThrows(Invariant.Broken.class, () -> machine.apply(entry(2, 4, payload("2"))));
  }

  @Test
  void bytesThatAreNoCommandAreAnswered() {
    TestMachine cluster = new TestMachine();
    Bytes cut = Bytes.wrap(new byte[] {1});
    assertInstanceOf(MalformedCommand.class, cluster.entry(EntryKind.COMMAND, cut).result());
    assertInstanceOf(
        MalformedCommand.class, cluster.entry(EntryKind.COMMAND, Bytes.EMPTY).result());
    assertEquals(1, cluster.revision());
  }

  /** What is wrong is told in words that fit into a result, whatever the bytes were. */
  @Test
  void whatIsWrongIsToldInFewWords() {
    TestMachine cluster = new TestMachine();
    ByteWriter payload = new ByteWriter(600);
    payload.u8(1).text("").bool(false).u8(10).text("\u00e9".repeat(128)).varint(1);
    Applied applied = cluster.entry(EntryKind.COMMAND, payload.toBytes());
    assertInstanceOf(MalformedCommand.class, applied.result());
    assertEquals(applied, ResultCodec.decode(ResultCodec.encode(applied)));
  }

  /** A replica that skipped what it does not understand would differ from those that do. */
  @Test
  void aLaterFormatStopsTheNode() {
    KvStateMachine machine = new KvStateMachine(() -> {});
    byte[] later = payload("1").toArray();
    later[0] = 100;
    assertThrows(UnknownVersion.class, () -> machine.apply(entry(1, 5, Bytes.wrap(later))));
  }

  @Test
  void statesThatDifferHaveHashesThatDiffer() {
    TestMachine one = new TestMachine();
    TestMachine two = new TestMachine();
    assertEquals(one.view().stateHash(), two.view().stateHash());
    one.apply(put("a", "1"));
    two.apply(put("a", "2"));
    assertNotEquals(one.view().stateHash(), two.view().stateHash());
    one.apply(put("a", "3"));
    two.apply(put("a", "3"));
    assertNotEquals(one.view().stateHash(), two.view().stateHash(), "the past differs");
  }
}
