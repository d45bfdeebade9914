package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.delete;
import static io.lockstep.kv.TestMachine.put;
import static io.lockstep.kv.TestMachine.release;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Command.Compact;
import io.lockstep.kv.command.Command.DeletePrefix;
import io.lockstep.kv.command.Command.SetLimits;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.KeyChange;
import io.lockstep.kv.watch.Event.LockChange;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.Selection.KeyPrefix;
import io.lockstep.kv.watch.Selection.One;
import io.lockstep.kv.watch.Selection.OneKey;
import io.lockstep.kv.watch.Topic;
import io.lockstep.kv.watch.WatchCursor;
import io.lockstep.kv.watch.WatchStep;
import io.lockstep.kv.watch.WatchStep.Changes;
import io.lockstep.kv.watch.WatchStep.Frame;
import io.lockstep.kv.watch.WatchStep.Gap;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 8, sentence by sentence, as far as cursors go. */
class ContractWatchesTest {
  private final TestMachine cluster = new TestMachine();

  private WatchStep next(WatchCursor cursor) {
    return cursor.next(cluster.view().events(), 1 << 20);
  }

  private static WatchCursor from(Selection selection, long revision) {
    return new WatchCursor(selection, revision - 1);
  }

  private static List<Long> revisions(WatchStep step) {
    return assertInstanceOf(Changes.class, step).frames().stream().map(Frame::revision).toList();
  }

  /**
   * "every change from a given revision on (`from`, inclusive), in order, without gap or
   * duplicate".
   */
  @Test
  void everyChangeComesOnceAndInOrder() {
    for (int i = 0; i < 10; i++) {
      cluster.apply(put(i % 2 == 0 ? "a" : "b", Integer.toString(i)));
    }
    WatchCursor cursor = from(new OneKey(b("a")), 4);
    assertEquals(List.of(4L, 6L, 8L, 10L), revisions(next(cursor)));
    assertEquals(11, cursor.position());
    assertEquals(List.of(), revisions(next(cursor)));
    cluster.apply(put("a", "x"));
    assertEquals(List.of(12L), revisions(next(cursor)));
  }

  /** "all changes of one revision in one frame". */
  @Test
  void theChangesOfARevisionComeTogether() {
    for (int i = 0; i < 5; i++) {
      cluster.apply(put("a/" + i, "x"));
    }
    long before = cluster.revision();
    cluster.apply(new DeletePrefix(b("a/"), 0, List.of()));
    WatchCursor cursor = new WatchCursor(new KeyPrefix(b("a/")), before);
    Changes changes = (Changes) cursor.next(cluster.view().events(), 1);
    assertEquals(1, changes.frames().size());
    List<Event> events = changes.frames().getFirst().events();
    assertEquals(5, events.size());
    for (int i = 0; i < 5; i++) {
      Event.OfKey event = (Event.OfKey) events.get(i);
      assertEquals(i, event.ordinal());
      assertEquals(KeyChange.DELETE, event.change());
      assertEquals("x", event.previous().value().utf8());
    }
  }

  @Test
  void aByteBudgetStopsAfterWholeRevisions() {
    for (int i = 0; i < 10; i++) {
      cluster.apply(put("a", "x".repeat(100)));
    }
    WatchCursor cursor = from(new OneKey(b("a")), 1);
    List<Long> seen = new ArrayList<>();
    boolean more = true;
    while (more) {
      Changes step = (Changes) cursor.next(cluster.view().events(), 300);
      assertTrue(step.frames().size() <= 2, "a budget bounds a step");
      seen.addAll(revisions(step));
      more = step.more();
    }
    assertEquals(List.of(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L), seen);
  }

  /** "A `from` that is not reached yet waits." */
  @Test
  void aFutureStartWaits() {
    WatchCursor cursor = from(new OneKey(b("a")), 4);
    cluster.apply(put("a", "1"));
    cluster.apply(put("a", "2"));
    assertEquals(List.of(), revisions(next(cursor)));
    assertEquals(3, cursor.position());
    cluster.apply(put("a", "3"));
    assertEquals(List.of(4L), revisions(next(cursor)));
  }

  /**
   * "A `progress` mark promises that nothing up to its revision is missing": the position moves
   * past what is not selected.
   */
  @Test
  void thePositionMovesPastOtherChanges() {
    WatchCursor cursor = from(new OneKey(b("a")), 1);
    for (int i = 0; i < 5_000; i++) {
      cluster.apply(put("b", "x"));
    }
    Changes first = (Changes) next(cursor);
    assertEquals(List.of(), first.frames());
    assertTrue(first.more(), "one step looks at a bounded number of revisions");
    next(cursor);
    assertEquals(cluster.revision(), cursor.position());
  }

  /**
   * "When history is gone the stream ends with an explicit `gap` naming the oldest revision. Never
   * silent loss."
   */
  @Test
  void aCursorBelowTheFloorIsToldTheGap() {
    Limits few = Limits.DEFAULT.withQuotaBytes(400_000);
    cluster.apply(new SetLimits(few));
    WatchCursor atFloor = from(new OneKey(b("a")), 1);
    WatchCursor below = from(new OneKey(b("a")), 1);
    for (int i = 0; i < 200; i++) {
      cluster.apply(put("a", "x"));
      if (i == 10) {
        next(below);
      }
    }
    cluster.apply(new Compact(cluster.view().compactionTarget()));
    long oldest = cluster.view().compactedRevision() + 1;
    assertTrue(oldest > 20);
    assertEquals(new Gap(oldest), next(below));
    atFloor.skipTo(oldest - 1);
    assertEquals(oldest, revisions(next(atFloor)).getFirst());
  }

  /** "Over keys and prefixes (also locks ... and the ends of leases that held something)". */
  @Test
  void locksAndLeasesAreWatchedToo() {
    LeaseId lease = cluster.lease(5_000);
    WatchCursor lock = from(new One(Topic.LOCK, b("l")), 1);
    WatchCursor end = from(new One(Topic.LEASE, b(lease.toString())), 1);
    long token = cluster.lock("l", lease).token();
    cluster.apply(release("l", token));
    cluster.apply(put("k", "v", lease));
    cluster.lock("l", lease);
    cluster.after(5_001).tick();
    List<LockChange> changes = new ArrayList<>();
    for (Frame frame : ((Changes) next(lock)).frames()) {
      frame.events().forEach(event -> changes.add(((Event.OfLock) event).change()));
    }
    assertEquals(
        List.of(LockChange.ACQUIRED, LockChange.RELEASED, LockChange.ACQUIRED, LockChange.EXPIRED),
        changes);
    assertEquals(List.of(cluster.revision()), revisions(next(end)));
  }

  /** The kinds of http-api: put, delete, expire. */
  @Test
  void whatHappenedToAKeyIsTold() {
    LeaseId lease = cluster.lease(5_000);
    cluster.apply(put("a", "1"));
    cluster.apply(put("a", "2", lease));
    cluster.after(5_001).tick();
    cluster.apply(put("a", "3"));
    cluster.apply(delete("a"));
    List<KeyChange> changes = new ArrayList<>();
    WatchCursor cursor = from(new OneKey(b("a")), 1);
    for (Frame frame : ((Changes) next(cursor)).frames()) {
      Event.OfKey event = (Event.OfKey) frame.events().getFirst();
      changes.add(event.change());
      KeyRecord current = event.current();
      assertEquals(event.change() == KeyChange.PUT, current != null);
    }
    assertEquals(
        List.of(KeyChange.PUT, KeyChange.PUT, KeyChange.EXPIRE, KeyChange.PUT, KeyChange.DELETE),
        changes);
  }
}
