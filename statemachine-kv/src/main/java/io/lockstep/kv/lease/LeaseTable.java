package io.lockstep.kv.lease;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.LeaseNotFound;
import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.Fifo;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.kv.store.OrderedMapBuilder;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All leases that run, in the order in which they fall due, and the latest that ended. Immutable;
 * each change O(log n).
 */
public final class LeaseTable {
  /** No leases. */
  public static final LeaseTable EMPTY =
      new LeaseTable(
          OrderedMap.natural((id, lease) -> lease.digest()),
          OrderedMap.natural((due, lease) -> 0),
          OrderedMap.natural(LeaseTable::digest),
          Fifo.empty(),
          0,
          PermitEnds.NONE,
          0);

  /** A lease that ended: the how-manieth that did, and at which revision. */
  public record Ended(LeaseId id, long order, long revision) {}

  /** The end of a lease, and at which revision it came. */
  public record EndOf(LeaseId id, long revision) {}

  /** When a lease falls due. Leases that fall due together do so in the order of their ids. */
  private record Due(long deadlineMillis, LeaseId id) implements Comparable<Due> {
    private static final Comparator<Due> ORDER =
        Comparator.comparingLong(Due::deadlineMillis).thenComparing(Due::id);

    @Override
    public int compareTo(Due other) {
      return ORDER.compare(this, other);
    }
  }

  /** The end of a lease: the how-manieth, and at which revision. */
  private record End(long order, long revision) {}

  private final OrderedMap<LeaseId, Lease> running;
  private final OrderedMap<Due, LeaseId> due;
  private final OrderedMap<LeaseId, End> ended;
  private final Fifo<LeaseId> endOrder;

  /** The how-manieth the last of those was. */
  private final long ends;

  private final PermitEnds permitEnds;
  private final long weightBytes;

  /**
   * All leases and remembered ends, as a snapshot tells them.
   *
   * @param leases in the order of their ids
   * @param ends in the order in which they came
   */
  public static LeaseTable restored(List<Lease> leases, List<Ended> ends) {
    OrderedMapBuilder<LeaseId, Lease> running = EMPTY.running.builder();
    List<Due> deadlines = new ArrayList<>(leases.size());
    PermitEnds permitEnds = PermitEnds.NONE;
    long weight = 0;
    for (Lease lease : leases) {
      running.add(lease.id(), lease);
      deadlines.add(new Due(lease.deadlineMillis(), lease.id()));
      permitEnds = permitEnds.changed(null, lease);
      weight += lease.weightBytes();
    }
    deadlines.sort(Comparator.naturalOrder());
    OrderedMapBuilder<Due, LeaseId> due = EMPTY.due.builder();
    deadlines.forEach(deadline -> due.add(deadline, deadline.id()));
    OrderedMap<LeaseId, End> ended = EMPTY.ended;
    Fifo<LeaseId> endOrder = Fifo.empty();
    long last = 0;
    for (Ended end : ends) {
      if (end.order() <= last) {
        throw new Malformed("ends of leases out of order");
      }
      last = end.order();
      ended = ended.put(end.id(), new End(last, end.revision()));
      endOrder = endOrder.with(end.id());
    }
    return new LeaseTable(running.build(), due.build(), ended, endOrder, last, permitEnds, weight);
  }

  private LeaseTable(
      OrderedMap<LeaseId, Lease> running,
      OrderedMap<Due, LeaseId> due,
      OrderedMap<LeaseId, End> ended,
      Fifo<LeaseId> endOrder,
      long ends,
      PermitEnds permitEnds,
      long weightBytes) {
    this.running = running;
    this.due = due;
    this.ended = ended;
    this.endOrder = endOrder;
    this.ends = ends;
    this.permitEnds = permitEnds;
    this.weightBytes = weightBytes;
  }

  private static long digest(LeaseId id, End end) {
    return new Digest(end.order).addNullable(id).add(end.revision).value();
  }

  /** How many leases run. */
  public int size() {
    return running.size();
  }

  public long weightBytes() {
    return weightBytes;
  }

  public long digest() {
    return new Digest(running.digest()).add(ended.digest()).value();
  }

  /** The lease if it runs. */
  public @Nullable Lease get(LeaseId id) {
    return running.get(id);
  }

  /** A lease that the model knows to run. */
  public Lease require(LeaseId id) {
    return running.require(id);
  }

  /** A cursor over the leases that run, in the order of their ids. */
  public MapCursor<LeaseId, Lease> running() {
    return running.cursor();
  }

  /** A cursor over the leases that run and were made after this one; null for all. */
  public MapCursor<LeaseId, Lease> running(@Nullable LeaseId after) {
    if (after == null) {
      return running.cursor();
    }
    MapCursor<LeaseId, Lease> cursor = running.cursor(after);
    LeaseId first = running.cursor(after).nextKey();
    if (after.equals(first)) {
      cursor.nextKey();
    }
    return cursor;
  }

  /** The ends that are remembered, in the order in which they came. */
  public List<Ended> ended() {
    List<Ended> all = new ArrayList<>(ended.size());
    for (LeaseId id : endOrder.items()) {
      End end = ended.require(id);
      all.add(new Ended(id, end.order, end.revision));
    }
    return all;
  }

  /** When holders of permits lose them. */
  public PermitEnds permitEnds() {
    return permitEnds;
  }

  /** The lease that falls due first. */
  public @Nullable Lease firstDue() {
    Due first = due.firstKey();
    return first == null ? null : running.require(first.id());
  }

  /**
   * Why a lease does not run.
   *
   * @param madeUpTo the greatest index of an entry that can have made a lease
   */
  public Failure absence(LeaseId id, long madeUpTo) {
    if (id.index() == 0 || id.index() > madeUpTo) {
      return new LeaseNotFound(id);
    }
    End end = ended.get(id);
    return new LeaseEnded(id, end == null ? 0 : end.revision);
  }

  /** With {@code lease}, new or changed. */
  public LeaseTable with(Lease lease) {
    Lease before = running.get(lease.id());
    OrderedMap<Due, LeaseId> changedDue = due;
    if (before == null || before.deadlineMillis() != lease.deadlineMillis()) {
      if (before != null) {
        changedDue = changedDue.remove(new Due(before.deadlineMillis(), before.id()));
      }
      changedDue = changedDue.put(new Due(lease.deadlineMillis(), lease.id()), lease.id());
    }
    long weight = weightBytes - (before == null ? 0 : before.weightBytes()) + lease.weightBytes();
    return new LeaseTable(
        running.put(lease.id(), lease),
        changedDue,
        ended,
        endOrder,
        ends,
        permitEnds.changed(before, lease),
        weight);
  }

  /**
   * Without {@code lease}, whose end is remembered, unless its client has named it: such a name may
   * come again.
   *
   * @param revision at which it ended
   * @param endedMax how many ends are remembered
   */
  public LeaseTable end(Lease lease, long revision, long endedMax) {
    return without(lease).remembering(List.of(new EndOf(lease.id(), revision)), endedMax);
  }

  /** Without {@code lease}; its end is yet to be remembered. */
  public LeaseTable without(Lease lease) {
    return new LeaseTable(
        running.remove(lease.id()),
        due.remove(new Due(lease.deadlineMillis(), lease.id())),
        ended,
        endOrder,
        ends,
        permitEnds.changed(running.get(lease.id()), null),
        weightBytes - lease.weightBytes());
  }

  /**
   * Remembers ends in the order in which they came, those of named leases aside. Of very many only
   * those are touched that will stay.
   */
  public LeaseTable remembering(List<EndOf> all, long endedMax) {
    List<EndOf> latest = all.stream().filter(end -> !end.id.isNamed()).toList();
    if (latest.isEmpty()) {
      return this;
    }
    int passed = (int) Math.max(0, latest.size() - endedMax);
    long nth = (endOrder.size() == 0 ? 0 : ends) + passed;
    OrderedMap<LeaseId, End> known = ended;
    Fifo<LeaseId> order = endOrder;
    while (order.size() > endedMax - (latest.size() - passed)) {
      known = known.remove(order.first());
      order = order.withoutFirst();
    }
    for (EndOf end : latest.subList(passed, latest.size())) {
      nth++;
      known = known.put(end.id, new End(nth, end.revision));
      order = order.with(end.id);
    }
    return new LeaseTable(running, due, known, order, nth, permitEnds, weightBytes);
  }
}
