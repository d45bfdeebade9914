package io.lockstep.kv.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lockstep.kv.KnownRequest;
import io.lockstep.kv.KvFigures;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.lease.LeaseListing;
import io.lockstep.kv.lease.LeaseView;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.lock.SemaphoreView;
import io.lockstep.kv.member.PublishedKey;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.RangePage;
import io.lockstep.kv.watch.Event;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Demands that a view shows what a model holds. */
public final class ModelComparison {
  private final Model model;
  private final KvView view;

  public ModelComparison(Model model, KvView view) {
    this.model = model;
    this.view = view;
  }

  /** The few numbers that sum up much; cheap enough after every entry. */
  public void figures() {
    assertEquals(model.index, view.appliedIndex(), "applied index");
    assertEquals(model.now, view.clusterTimeMillis(), "cluster time");
    assertEquals(model.revision(), view.revision(), "revision");
    assertEquals(model.history.compacted, view.compactedRevision(), "compacted revision");
    assertEquals(model.limits, view.limits(), "limits");
    assertEquals(model.nextDueMillis(), view.figures().nextDueMillis(), "next due");
  }

  /** Everything that can be seen of the present. */
  public void present() {
    figures();
    keysAt(view.revision());
    leases();
    locks();
    answers();
    ids();
    model.gates.latches.forEach(
        (name, latch) -> {
          assertEquals(latch.parties, view.latch(name).parties(), "parties");
          assertEquals(latch.here.size(), view.latch(name).arrived().size(), "arrived");
        });
    assertNull(view.latch(Bytes.utf8("never")));
    members();
    long leased =
        model.workers.pools.values().stream()
            .flatMap(pool -> pool.workers.stream())
            .filter(worker -> worker.lease != null)
            .count();
    assertEquals(leased, view.figures().workerIds(), "worker ids");
    KvFigures figures = view.figures();
    assertEquals(model.keys.records.size(), figures.keys(), "keys");
    assertEquals(model.leases.running.size(), figures.leases(), "leases");
    assertEquals(model.answers.all.size(), figures.storedAnswers(), "stored answers");
    assertEquals(model.places.allWaiters().size(), figures.waiters(), "waiters");
    assertEquals(model.history.weight(), figures.historyBytes(), "bytes of history");
    assertEquals(model.usedBytes(), view.usedBytes(), "used bytes");
  }

  private void members() {
    assertEquals(model.members.roles.size(), view.members().members().size(), "members");
    model.members.roles.forEach((id, role) -> assertEquals(role, view.members().role(id)));
    assertEquals(model.members.addresses.size(), view.members().addresses().size(), "addresses");
    model.members.addresses.forEach((id, url) -> assertEquals(url, view.members().address(id)));
    TreeMap<NodeId, TreeMap<Bytes, Long>> keys = new TreeMap<>();
    for (PublishedKey key : view.members().keys().keys()) {
      keys.computeIfAbsent(key.node(), node -> new TreeMap<>()).put(key.bytes(), key.untilMillis());
    }
    assertEquals(model.members.keys, keys, "public keys");
  }

  /** The past at random revisions, read in pages of random length. */
  public void past(SplittableRandom random, int reads) {
    for (int i = 0; i < reads; i++) {
      keysAt(random.nextLong(view.compactedRevision() + 1, view.revision() + 1));
      pages(random);
    }
  }

  private void keysAt(long revision) {
    List<KeyRecord> all =
        view.range(Bytes.EMPTY, null, Integer.MAX_VALUE, Long.MAX_VALUE, revision).items();
    TreeMap<Bytes, KeyRecord> expected = model.history.at(revision).keys();
    assertEquals(List.copyOf(expected.values()), all, () -> "keys at revision " + revision);
    for (Bytes key : expected.keySet()) {
      assertEquals(expected.get(key), view.get(key, revision));
    }
    assertNull(view.get(Bytes.utf8("never"), revision));
  }

  private void pages(SplittableRandom random) {
    long revision = random.nextLong(view.compactedRevision() + 1, view.revision() + 1);
    Bytes prefix = Bytes.utf8(random.nextBoolean() ? "a/" : "");
    int limit = random.nextInt(1, 5);
    List<Bytes> expected =
        model.history.at(revision).keys().keySet().stream()
            .filter(key -> key.startsWith(prefix))
            .toList();
    List<Bytes> found = new ArrayList<>();
    Bytes after = null;
    boolean more = true;
    while (more) {
      RangePage page = view.range(prefix, after, limit, random.nextInt(1, 200), revision);
      assertEquals(expected.size(), page.count(), "count of all that match");
      page.items().forEach(item -> found.add(item.key()));
      after = found.isEmpty() ? null : found.getLast();
      more = page.more();
    }
    assertEquals(expected, found, () -> "pages at revision " + revision);
  }

  private void leases() {
    for (ModelLeases.Lease lease : model.leases.running.values()) {
      LeaseView seen = view.lease(lease.id, Integer.MAX_VALUE);
      LeaseView expected =
          new LeaseView(
              lease.id,
              lease.ttl,
              lease.deadline - model.now,
              lease.ofKey,
              lease.labels,
              model.keys.keysOn(lease.id).size(),
              model.keys.keysOn(lease.id),
              model.locks.heldBy(lease.id),
              model.places.waitedForBy(lease.id));
      assertEquals(expected, seen, "lease");
    }
    List<LeaseId> listed = new ArrayList<>();
    LeaseId after = null;
    do {
      LeaseListing page = view.leases(after, labels -> !labels.isEmpty(), 2, 3);
      page.items().forEach(item -> listed.add(item.id()));
      after = page.next();
    } while (after != null);
    List<LeaseId> labelled =
        model.leases.running.values().stream()
            .filter(lease -> !lease.labels.isEmpty())
            .map(lease -> lease.id)
            .toList();
    assertEquals(labelled, listed, "leases by their labels");
  }

  private void locks() {
    int held = 0;
    int idle = 0;
    for (ModelLocks.Lock lock : model.locks.byName.values()) {
      held += lock.grants.isEmpty() ? 0 : 1;
      idle += lock.idle() ? 1 : 0;
      assertEquals(expected(lock), view.lock(lock.name, Integer.MAX_VALUE), "lock");
      if (lock.name.kind() == LockKind.SEMAPHORE) {
        assertEquals(
            semaphore(lock), view.semaphore(lock.name.text(), Integer.MAX_VALUE), "semaphore");
      }
      for (ModelLocks.Grant grant : lock.grants) {
        assertEquals(
            model.locks.said.ticket(grant.ticket()), view.ticket(grant.ticket()), "ticket");
      }
      for (ModelLocks.Waiter waiter : lock.queue) {
        assertEquals(model.locks.said.ticket(waiter.ticket), view.ticket(waiter.ticket), "ticket");
      }
    }
    assertEquals(held, view.figures().locksHeld(), "locks held");
    assertEquals(idle, view.figures().idleLocks(), "idle locks");
  }

  private LockView expected(ModelLocks.Lock lock) {
    ModelLocks.Grant latest = lock.latest();
    ModelLocks.Grant lastDue = model.locks.said.lastDue(lock);
    return new LockView(
        lock.name,
        latest == null ? LockMode.EXCLUSIVE : latest.mode(),
        lastDue == null ? null : model.locks.said.holderInfo(lastDue),
        lastDue == null ? 0 : model.now - lastDue.since(),
        latest == null ? Bytes.EMPTY : latest.value(),
        lock.grants.size(),
        lock.grants.stream()
            .sorted(Comparator.comparing(ModelLocks.Grant::ticket))
            .map(model.locks.said::holderInfo)
            .toList(),
        lock.queue.size(),
        lock.queue.stream().map(this::place).toList(),
        lock.past,
        model.locks.said.opensIn(lock));
  }

  private SemaphoreView semaphore(ModelLocks.Lock lock) {
    return new SemaphoreView(
        ModelPermits.limit(lock),
        ModelPermits.held(lock),
        lock.grants.size(),
        lock.grants.stream()
            .sorted(Comparator.comparing(ModelLocks.Grant::ticket))
            .map(
                grant ->
                    new SemaphoreView.Holding(
                        model.locks.said.holderInfo(grant),
                        grant.from().asked.bid().permits().count(),
                        model.now - grant.since()))
            .toList(),
        lock.queue.size(),
        lock.queue.stream()
            .map(
                waiter ->
                    new SemaphoreView.Wanting(place(waiter), waiter.asked.bid().permits().count()))
            .toList());
  }

  private LockView.Place place(ModelLocks.Waiter waiter) {
    return new LockView.Place(
        waiter.ticket,
        waiter.asked.mode(),
        waiter.asked.owner(),
        waiter.lease(),
        model.now - waiter.since,
        waiter.asked.bid().priority(),
        waiter.deadline - model.now);
  }

  private void ids() {
    model.ids.sequences.forEach(
        (name, expected) -> {
          Sequence seen = view.sequence(name);
          assertEquals(
              new Sequence(expected.free, expected.owner, expected.since, expected.freeStamp),
              seen,
              "sequence");
        });
    model.ids.fences.forEach((name, token) -> assertEquals(token, view.fence(name), "fence"));
    assertEquals(new Sequence(1, 0, 0, 1), view.sequence(Bytes.utf8("never")));
    assertEquals(0, view.fence(Bytes.utf8("never")));
  }

  private void answers() {
    for (ModelAnswers.Answer answer : model.answers.all) {
      KnownRequest seen = view.request(answer.key().scope(), answer.key().text());
      assertNotNull(seen, "a stored answer");
      assertEquals(answer.key().fingerprint(), seen.fingerprint());
      assertEquals(model.now - answer.time(), seen.ageMillis());
      assertEquals(
          model.answers.again(answer, seen.answer().index()), seen.answer(), "stored answer");
    }
  }

  /** The events of revisions greater than {@code after}. */
  public void events(long after) {
    for (long revision = after + 1; revision <= view.revision(); revision++) {
      List<Event> expected = model.history.at(revision).events();
      if (view.readable(revision)) {
        assertEquals(expected, view.events().at(revision).events(), "events");
      }
    }
  }
}
