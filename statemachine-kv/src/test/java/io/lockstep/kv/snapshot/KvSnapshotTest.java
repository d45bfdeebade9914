package io.lockstep.kv.snapshot;

import static io.lockstep.kv.TestMachine.acquire;
import static io.lockstep.kv.TestMachine.acquireKept;
import static io.lockstep.kv.TestMachine.acquireOwn;
import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.delete;
import static io.lockstep.kv.TestMachine.put;
import static io.lockstep.kv.TestMachine.release;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.KvStateMachine;
import io.lockstep.kv.TestMachine;
import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.Command.AdvanceFence;
import io.lockstep.kv.command.Command.AnnounceAddress;
import io.lockstep.kv.command.Command.ArriveLatch;
import io.lockstep.kv.command.Command.ClaimOnce;
import io.lockstep.kv.command.Command.Compact;
import io.lockstep.kv.command.Command.FinishOnce;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LeaseWorkerId;
import io.lockstep.kv.command.Command.PublishKey;
import io.lockstep.kv.command.Command.ReserveIds;
import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.WatchCursor;
import io.lockstep.kv.watch.WatchStep;
import io.lockstep.raft.Contact;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Learner;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ChunkSink;
import io.lockstep.raft.statemachine.ItemWriter;
import io.lockstep.raft.statemachine.UnreadableSnapshotException;
import io.lockstep.raft.statemachine.UnreadableSnapshotException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A state as a snapshot, and what is refused. Equality over long lives is the random runs'. */
class KvSnapshotTest {
  private static final int HEAD_BYTES = 4;
  private static final Bytes KEY = b("0123456789abcdef0123456789abcdef");

  /** A little of everything that a state can hold. */
  private static TestMachine busy() {
    TestMachine machine = new TestMachine();
    LeaseId holder = machine.lease(60_000);
    LeaseId waiting = machine.lease(50_000);
    machine.apply(put("a/1", "one"));
    machine.apply(put("a/2", "two", holder));
    machine.submit("request-1", put("a/1", "another"));
    machine.lock("exclusive", holder);
    machine.apply(acquire("exclusive", waiting, 5_000));
    machine.apply(acquireOwn("exclusive", 3_000, 9_000));
    machine.apply(acquireKept("kept", holder, 1_000));
    machine.after(10);
    long token = machine.lock("released", waiting).token();
    machine.apply(release("released", token));
    machine.apply(new LeaseRevoke(machine.lease(9_000)));
    machine.apply(delete("a/1"));
    machine.apply(new ReserveIds(b("ids"), 100, -7, 5_000));
    machine.apply(new TakeIds(b("other"), 3, true));
    machine.apply(new AdvanceFence(b("fence"), 47));
    machine.apply(new LeaseWorkerId(b("pool"), 10, 1_000, 1, 500));
    machine.apply(new LeaseWorkerId(b("pool"), 10, 60_000, 2, 600));
    machine.apply(new ArriveLatch(b("ready"), 3, b("w1")));
    machine.apply(new ArriveLatch(b("ready"), 3, b("w2")));
    machine.apply(new ClaimOnce(b("nightly"), b("2026-11-20"), 60_000, 3));
    machine.apply(new FinishOnce(b("nightly"), machine.revision()));
    machine.apply(new ClaimOnce(b("nightly"), b("2026-11-21"), 60_000, 4));
    machine.apply(new AnnounceAddress(new NodeId("n1"), "http://1"));
    Membership joint =
        new Membership(
            List.of(new NodeId("n1")),
            List.of(new NodeId("n1"), new NodeId("n2")),
            List.of(new Learner(new NodeId("n3"), true, null)),
            List.of(new Contact(new NodeId("n3"), "s", "p", "http://3")));
    machine.apply(new PublishKey(new NodeId("n1"), KEY));
    machine.apply(new PublishKey(new NodeId("n2"), KEY));
    machine.entry(EntryKind.MEMBERSHIP, MembershipCodec.encode(joint));
    machine.apply(new AnnounceAddress(new NodeId("n1"), "http://other"));
    machine.after(1_001).tick();
    machine.tick();
    return machine;
  }

  private static KvStateMachine machine(TestMachine machine) {
    KvStateMachine copy = Chunks.restored(Chunks.of(machine.machine));
    assertEquals(machine.view().stateHash(), copy.view().stateHash());
    return copy;
  }

  private static UnreadableSnapshotException demandRefused(Bytes chunk, String how) {
    KvStateMachine present = Chunks.restored(Chunks.of(busy().machine));
    long before = present.view().stateHash();
    UnreadableSnapshotException e =
        assertThrows(
            UnreadableSnapshotException.class,
            () -> present.restore(Chunks.source(List.of(chunk))),
            how);
    present.publish();
    assertEquals(before, present.view().stateHash(), () -> how + ": the state is unchanged");
    return e;
  }

  @Test
  void aMachineThatAppliedNothingIsRestoredToo() {
    KvStateMachine nothing = new KvStateMachine(() -> {});
    List<Bytes> chunks = Chunks.of(nothing);
    assertEquals(chunks, Chunks.of(Chunks.restored(chunks)));
  }

  @Test
  void aSnapshotIsOfTheMomentItWasTakenAt() throws IOException {
    TestMachine machine = busy();
    List<Bytes> expected = Chunks.of(machine.machine);
    var snapshot = machine.machine.snapshot();
    machine.apply(put("later", "x"));
    List<Bytes> written = new ArrayList<>();
    snapshot.writeTo(written::add);
    assertEquals(expected, written);
  }

  @Test
  void aWatchResumesOnWhatWasRestoredOrIsToldOfTheGap() {
    TestMachine machine = busy();
    long revision = machine.revision();
    KvStateMachine restored = machine(machine);
    Selection all = new Selection.KeyPrefix(Bytes.EMPTY);
    for (long after = 0; after <= revision; after++) {
      WatchStep expected = new WatchCursor(all, after).next(machine.view().events(), 1 << 20);
      WatchStep found = new WatchCursor(all, after).next(restored.view().events(), 1 << 20);
      assertEquals(expected, found);
    }
    for (int i = 0; i < 12_000; i++) {
      machine.apply(put("a/1", "value " + i));
    }
    machine.apply(new Compact(revision + 100));
    KvStateMachine compacted = machine(machine);
    assertInstanceOf(
        WatchStep.Gap.class, new WatchCursor(all, revision).next(compacted.view().events(), 1));
    assertInstanceOf(
        WatchStep.Changes.class,
        new WatchCursor(all, revision + 100).next(compacted.view().events(), 1));
  }

  @Test
  void everyFlippedBitAndEveryCutIsFound() {
    Bytes good = Chunks.of(busy().machine).getFirst();
    for (int bit = 0; bit < 8 * good.length(); bit++) {
      byte[] bad = good.toArray();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      demandRefused(Bytes.wrap(bad), "bit " + bit);
    }
    for (int length = 1; length < good.length(); length++) {
      demandRefused(good.slice(0, length), "length " + length);
    }
    ByteWriter more = new ByteWriter(good.length() + 1);
    more.raw(good.toArray(), 0, good.length()).u8(0);
    demandRefused(more.toBytes(), "one more byte");
  }

  @Test
  void noiseIsRefusedAndNothingElseIsThrown() {
    Bytes good = Chunks.of(busy().machine).getFirst();
    SplittableRandom random = new SplittableRandom(1);
    for (int run = 0; run < 5_000; run++) {
      byte[] bad = good.toArray();
      int from = random.nextInt(bad.length);
      int toExclusive = Math.min(bad.length, from + random.nextInt(1, 12));
      byte[] noise = new byte[toExclusive - from];
      random.nextBytes(noise);
      System.arraycopy(noise, 0, bad, from, noise.length);
      if (!Bytes.wrap(bad).equals(good)) {
        demandRefused(Bytes.wrap(bad), "run " + run);
      }
    }
  }

  @Test
  void laterFormatsAreRefusedByNameAndVersion() {
    Bytes good = Chunks.of(busy().machine).getFirst();
    byte[] format = good.toArray();
    format[HEAD_BYTES + 4]++;
    UnreadableSnapshotException later = demandRefused(Bytes.wrap(format), "format");
    assertEquals(Reason.NEWER, later.reason());
    assertTrue(later.getMessage().contains("the snapshot of the state is in format 2, where 1"));
    int headLength = format[HEAD_BYTES - 1];
    byte[] parts = good.toArray();
    parts[HEAD_BYTES + headLength - 1]++;
    assertEquals(Reason.NEWER, demandRefused(Bytes.wrap(parts), "parts").reason());
    byte[] section = good.toArray();
    section[HEAD_BYTES + headLength + HEAD_BYTES + 1]++;
    UnreadableSnapshotException part = demandRefused(Bytes.wrap(section), "section");
    assertEquals(Reason.NEWER, part.reason());
    assertTrue(part.getMessage().contains("the part 'limits'"), part.getMessage());
  }

  @Test
  void aCountThatIsOnlyClaimedIsRefusedAtOnce() throws IOException {
    List<Bytes> chunks = new ArrayList<>();
    ItemWriter out = new ItemWriter(chunks::add);
    out.begin().i32(0x4C534B56).u8(1).varint(1).varint(1).u8(Section.ALL.size());
    out.end();
    out.begin().u8(1).u8(1);
    out.end();
    new LimitsSection().write(State.EMPTY, out);
    out.begin().u8(2).u8(1);
    out.end();
    Fields.writeCount(out, 1L << 60);
    out.flush();
    assertTrue(demandRefused(chunks.getFirst(), "count").getMessage().contains("cut short"));
  }

  @Test
  void manyKeysComeInManyChunksOfBoundedLength() {
    TestMachine machine = new TestMachine();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 40_000; i++) {
      machine.apply(put("key/" + random.nextInt(1 << 30), "value " + i));
    }
    machine.apply(put("large", "x".repeat(400_000)));
    List<Bytes> chunks = Chunks.of(machine.machine);
    int longest = chunks.stream().mapToInt(Bytes::length).max().orElseThrow();
    assertTrue(chunks.size() > 10 && longest <= ChunkSink.CHUNK_BYTES_MAX, "" + chunks.size());
    KvStateMachine restored = machine(machine);
    assertEquals(chunks, Chunks.of(restored));
    assertEquals(
        machine.view().get(b("large")),
        restored.view().get(b("large")),
        "one that is longer than a chunk aims to be");
  }
}
