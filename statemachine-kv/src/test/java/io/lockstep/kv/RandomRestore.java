package io.lockstep.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.epoch.NewEpoch;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.random.CommandGenerator;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.snapshot.Chunks;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** What holds for the new epoch of any state, however it came about; and that it can be lived. */
final class RandomRestore {
  private static final int ENTRIES = 150;
  private static final long BLOCK = 1L << 40;

  private final State before;
  private final State after;

  private RandomRestore(State before, State after) {
    this.before = before;
    this.after = after;
  }

  static void check(KvStateMachine machine, long above, CommandGenerator generator) {
    State before = ((KvSnapshot) machine.snapshot()).state();
    RandomRestore restore = new RandomRestore(before, NewEpoch.begin(before, above));
    restore.numbers(above);
    restore.holdings();
    restore.live(generator);
  }

  private void numbers(long above) {
    long first = after.revision();
    assertEquals(0, first % BLOCK);
    assertTrue(first - Math.max(before.revision(), above) > BLOCK, "a whole block is left out");
    assertEquals(first - 1, after.log().compacted());
    assertTrue(after.appliedIndex() - before.appliedIndex() > BLOCK);
    assertEquals(before.clusterTimeMillis(), after.clusterTimeMillis());
    assertEquals(before.ids().sequenceCount(), after.ids().sequenceCount());
    assertEquals(before.ids().fenceCount(), after.ids().fenceCount());
    var sequences = before.ids().sequences();
    for (var next = sequences.next(); next != null; next = sequences.next()) {
      Sequence anew = after.ids().sequence(next.key());
      assertTrue(above(next.value().next(), anew.next()), "ids");
      assertTrue(above(next.value().stampEnd(), anew.stampEnd()), "stamps");
    }
    var fences = after.ids().fences();
    for (var next = fences.next(); next != null; next = fences.next()) {
      assertEquals(first, next.value());
    }
    assertEquals(first, after.ids().fence(Bytes.utf8("nobody has asked for it")));
  }

  private static boolean above(long number, long anew) {
    return anew - number > 1L << 48 || anew == Sequence.END;
  }

  private void holdings() {
    assertEquals(before.keys().digest(), after.keys().digest());
    assertEquals(before.gates().digest(), after.gates().digest());
    assertEquals(before.requests().digest(), after.requests().digest());
    assertEquals(before.workers().leased(), after.workers().leased());
    assertEquals(0, after.locks().held());
    assertEquals(0, after.locks().waiters());
    assertEquals(before.locks().size(), after.locks().size());
    var locks = before.locks().cursor();
    for (Lock lock = locks.nextValue(); lock != null; lock = locks.nextValue()) {
      long opens = after.locks().require(lock.name()).opensMillis();
      assertTrue(opens >= lock.opensMillis(), "no delay is cut short");
    }
    var leases = before.leases().running();
    for (Lease lease = leases.nextValue(); lease != null; lease = leases.nextValue()) {
      Lease anew = after.leases().get(lease.id());
      if (anew == null) {
        assertTrue(lease.own() && lease.keys().isEmpty(), "only a lock's own lease ends");
      } else {
        assertEquals(after.clusterTimeMillis() + lease.ttlMillis(), anew.deadlineMillis());
        assertEquals(lease.keys().digest(), anew.keys().digest());
        assertFalse(anew.own());
      }
    }
  }

  /** Goes on for a while, beside a replica that had it from a snapshot. */
  private void live(CommandGenerator generator) {
    KvStateMachine first = Chunks.restored(chunks(after));
    KvStateMachine second = Chunks.restored(Chunks.of(first));
    assertEquals(Chunks.of(first), Chunks.of(second));
    assertEquals(after.digest(), first.view().stateHash());
    long index = after.appliedIndex();
    long now = after.clusterTimeMillis();
    for (int i = 0; i < ENTRIES; i++) {
      now += generator.pauseMillis();
      Bytes payload = RequestCodec.encode(generator.next());
      Entry entry = new Entry(++index, 1, now, EntryKind.COMMAND, payload);
      Applied applied = first.apply(entry);
      assertEquals(applied, second.apply(entry));
      if (applied.result() instanceof Result.LockGranted granted && !applied.replayed()) {
        assertTrue(granted.token() > after.revision(), "a token of this epoch");
      }
    }
    first.publish();
    second.publish();
    assertEquals(first.view().stateHash(), second.view().stateHash());
  }

  private static List<Bytes> chunks(State state) {
    List<Bytes> chunks = new ArrayList<>();
    try {
      new KvSnapshot(state).writeTo(chunks::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return chunks;
  }
}
