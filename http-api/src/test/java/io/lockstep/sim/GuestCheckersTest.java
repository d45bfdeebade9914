package io.lockstep.sim;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.lock.LockTable;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.LockChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.sim.check.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Each checker of what guests see accepts what the contract allows and names what it does not. */
class GuestCheckersTest {
  private static final Bytes NAME = Bytes.utf8("x");

  private final List<String> broken = new ArrayList<>();
  private final HolderWitness.Check check =
      (holds, property, detail) -> {
        if (!holds) {
          broken.add(property);
        }
      };
  private final HolderWitness holders =
      new HolderWitness(new TreeMap<>(), lease -> 1_000, () -> 0, check);

  private static LeaseId lease(long index) {
    return new LeaseId(index, index);
  }

  private void lock(LockChange change, LockMode mode, long token, long lease) {
    holders.lock(
        new Event.OfLock(token, 0, change, NAME, mode, token, "o", lease(lease), 0, ""), 10);
  }

  @Test
  void aLockIsHeldByOneAloneOrByThoseWhoShareIt() {
    lock(LockChange.ACQUIRED, LockMode.SHARED, 5, 1);
    lock(LockChange.ACQUIRED, LockMode.SHARED, 5, 2);
    lock(LockChange.ACQUIRED, LockMode.SHARED, 6, 3);
    assertEquals(List.of(), broken);
    lock(LockChange.ACQUIRED, LockMode.EXCLUSIVE, 7, 4);
    assertEquals(
        List.of("a lock has one holder"), broken, "who wants it alone comes to those who share");
    broken.clear();
    lock(LockChange.ACQUIRED, LockMode.SHARED, 8, 5);
    assertEquals(List.of("nobody holds a lock beside one who holds it alone"), broken);
    broken.clear();
    lock(LockChange.RELEASED, LockMode.SHARED, 6, 9);
    assertEquals(List.of("who loses a lock has held it"), broken);
  }

  @Test
  void tokensRiseWhoeverHolds() {
    lock(LockChange.ACQUIRED, LockMode.EXCLUSIVE, 7, 1);
    lock(LockChange.FORCED, LockMode.EXCLUSIVE, 7, 1);
    lock(LockChange.ACQUIRED, LockMode.SHARED, 7, 2);
    assertEquals(List.of("tokens rise"), broken);
  }

  private static final LockName X = LockName.lock(NAME);
  private static final LockName Y = LockName.lock(Bytes.utf8("y"));

  /** Asks for what that lease is granted. */
  private void askedFor(long lease, List<LockName> also, long delayMillis) {
    holders.asked(
        new Command.LockAcquire(
            X,
            LockMode.EXCLUSIVE,
            new Holder.OwnLease(1_000),
            "o",
            Bid.NONE,
            0,
            0,
            new Server(new NodeId("n1"), 1),
            false,
            lease,
            also,
            delayMillis));
  }

  private void of(LockName name, LockChange change, long token, long lease, long stamp) {
    holders.lock(
        new Event.OfLock(
            token, 0, change, name.text(), LockMode.EXCLUSIVE, token, "o", lease(lease), 0, ""),
        stamp);
  }

  @Test
  void whatIsAskedForTogetherIsHeldTogether() {
    askedFor(1, List.of(Y), 0);
    of(X, LockChange.ACQUIRED, 5, 1, 10);
    of(Y, LockChange.ACQUIRED, 5, 1, 10);
    holders.turns().settled(LockTable.EMPTY, 10);
    assertEquals(List.of(), broken);
    of(X, LockChange.RELEASED, 5, 1, 20);
    holders.turns().settled(LockTable.EMPTY, 20);
    assertEquals(List.of("what is granted together ends together"), broken);
    broken.clear();
    of(X, LockChange.ACQUIRED, 6, 1, 30);
    holders.turns().settled(LockTable.EMPTY, 30);
    assertEquals(List.of("what is asked for together is granted together"), broken);
  }

  @Test
  void aDelayIsWaitedFor() {
    askedFor(1, List.of(), 100);
    askedFor(3, List.of(), 100);
    of(X, LockChange.ACQUIRED, 5, 1, 10);
    of(X, LockChange.EXPIRED, 5, 1, 1_011);
    of(X, LockChange.ACQUIRED, 6, 2, 1_111);
    assertEquals(List.of("nobody is granted a lock in its delay"), broken);
    broken.clear();
    of(X, LockChange.RELEASED, 6, 2, 1_120);
    of(X, LockChange.ACQUIRED, 7, 3, 1_120);
    of(X, LockChange.EXPIRED, 7, 3, 2_121);
    of(X, LockChange.ACQUIRED, 8, 4, 2_222);
    assertEquals(List.of(), broken, "after it");
  }

  @Test
  void noMorePermitsAreHeldThanWereSaid() {
    Command.LockAcquire asked =
        new Command.LockAcquire(
            LockName.semaphore(NAME),
            LockMode.SHARED,
            new Holder.OwnLease(1_000),
            "o",
            Bid.of(new Permits(2, 3)),
            0,
            0,
            new Server(new NodeId("n1"), 1),
            false,
            1);
    holders.asked(asked);
    permits(LockChange.ACQUIRED, 5, 1, 2, 2);
    permits(LockChange.ACQUIRED, 6, 2, 1, 3);
    permits(LockChange.EXPIRED, 5, 1, 2, 1);
    permits(LockChange.ACQUIRED, 7, 3, 2, 3);
    assertEquals(List.of(), broken);
    permits(LockChange.ACQUIRED, 8, 4, 1, 3);
    assertEquals(List.of("never more permits than there are", "permits are counted"), broken);
  }

  private void permits(LockChange change, long token, long lease, long permits, long held) {
    holders.semaphore(
        new Event.OfSemaphore(token, 0, change, NAME, token, "o", lease(lease), permits, held, 0),
        10);
  }

  private static Hold hold(String name, long from, long until) {
    return new Hold(name, from, lease(from), "h", 0, from, until);
  }

  @Test
  void permitsOfOneTimeAreCounted() {
    PermitSafety fits = new PermitSafety();
    fits.granted(hold("s", 10, 100), 2, 3);
    fits.granted(hold("s", 20, 50), 1, 3);
    fits.granted(hold("s", 60, 90), 1, 3);
    assertDoesNotThrow(fits::check);
    fits.granted(hold("s", 40, 70), 1, 3);
    assertThrows(Violation.class, fits::check);
  }

  @Test
  void aFenceNeverFalls() {
    GateHistory history = new GateHistory();
    history.fenceSeen("f", "a", 0, 10, 7);
    history.fenceSeen("f", "b", 5, 20, 3);
    assertDoesNotThrow(history::check, "calls at one time come in any order");
    history.fenceSeen("f", "b", 11, 20, 6);
    assertThrows(Violation.class, history::check);
  }

  @Test
  void workOfAPeriodIsDoneOnceAndALatchWaitsForAll() {
    GateHistory history = new GateHistory();
    history.claimed("w", 4, 0);
    history.finished("w", 4, 50);
    history.finished("w", 4, 60);
    assertDoesNotThrow(() -> history.claimed("w", 4, 40));
    assertThrows(Violation.class, () -> history.claimed("w", 8, 70));
    assertThrows(Violation.class, () -> history.finished("w", 8, 80));
    history.arrives("l", "a");
    history.arrives("l", "a");
    assertThrows(Violation.class, () -> history.opened("l", 2));
    history.arrives("l", "b");
    assertDoesNotThrow(() -> history.opened("l", 2));
  }

  @Test
  void aWorkerIdHasOneOwnerAndRestsWhenItWasLost() {
    WorkerWitness workers = new WorkerWitness(check);
    workers.leased(NAME, new Result.WorkerLeased(lease(1), 0, 0, 1_000, 1_000), 10);
    workers.ended(lease(1), false, 20);
    workers.leased(NAME, new Result.WorkerLeased(lease(2), 0, 0, 1_000, 1_000), 20);
    assertEquals(List.of(), broken);
    workers.leased(NAME, new Result.WorkerLeased(lease(3), 0, 0, 1_000, 1_000), 30);
    assertEquals(List.of("a worker id has one owner at a time"), broken);
    broken.clear();
    workers.ended(lease(3), true, 1_100);
    workers.leased(NAME, new Result.WorkerLeased(lease(4), 0, 0, 1_000, 1_000), 2_100);
    assertEquals(List.of("a worker id that was lost rests"), broken);
  }
}
