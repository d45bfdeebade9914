package io.lockstep.kv.watch;

import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.Invariant;
import java.util.List;

/**
 * The revisions that are remembered: what changed in each and the keys as they were. Immutable:
 * appending and compacting give a new log, in O(log n).
 *
 * <p>The past is kept as the key spaces that were, which share what did not change: so a read at an
 * old revision costs what one of the present does, counts included.
 */
public final class EventLog {
  /** The path through the trees that a revision keeps alive, and the objects that describe it. */
  private static final int REVISION_OVERHEAD_BYTES = 1200;

  private static final int EVENT_OVERHEAD_BYTES = 100;

  private final OrderedMap<Long, Revision> revisions;
  private final Revision head;
  private final long compacted;
  private final long compactedWeightSum;

  private EventLog(
      OrderedMap<Long, Revision> revisions,
      Revision head,
      long compacted,
      long compactedWeightSum) {
    this.revisions = revisions;
    this.head = head;
    this.compacted = compacted;
    this.compactedWeightSum = compactedWeightSum;
  }

  /** The log of an empty cluster: it is at revision 1. */
  public static EventLog start() {
    return startingAt(1, 0, KeySpace.EMPTY, List.of());
  }

  /**
   * A log that remembers one revision and forgot those before it: where a snapshot's begins.
   *
   * @param keys as they were at that revision
   * @param events what it changed
   */
  public static EventLog startingAt(
      long number, long clusterTimeMillis, KeySpace keys, List<Event> events) {
    long weight = events.isEmpty() ? 0 : weightOf(events);
    Revision first = new Revision(number, clusterTimeMillis, keys, events, weight);
    OrderedMap<Long, Revision> none = OrderedMap.natural((at, revision) -> revision.digest());
    return new EventLog(none.put(number, first), first, number - 1, 0);
  }

  /** The present revision. */
  public Revision head() {
    return head;
  }

  /** The last revision that is forgotten: the oldest readable is the next. */
  public long compacted() {
    return compacted;
  }

  /** Whether this log knows {@code revision}: it is not forgotten and has come about. */
  public boolean knows(long revision) {
    return revision > compacted && revision <= head.number();
  }

  /** The revision with this number, which this log {@link #knows}. */
  public Revision at(long number) {
    Invariant.check(knows(number), "a revision is known", number, compacted);
    return number == head.number() ? head : revisions.require(number);
  }

  /** A cursor over the revisions from {@code number} on that are known. */
  public MapCursor<Long, Revision> from(long number) {
    return revisions.cursor(number);
  }

  /**
   * What the past counts for against the quota: superseded values, and a part for each revision.
   */
  public long weightBytes() {
    return head.weightSum() - compactedWeightSum;
  }

  /**
   * What {@link #append} of one event that supersedes {@code previousWeight} bytes adds to {@link
   * #weightBytes}.
   */
  public static long weightOfAppend(long previousWeight) {
    return REVISION_OVERHEAD_BYTES + EVENT_OVERHEAD_BYTES + previousWeight;
  }

  public EventLog append(long clusterTimeMillis, KeySpace keys, List<Event> events) {
    Invariant.check(!events.isEmpty(), "a revision changes something");
    long number = head.number() + 1;
    long weightSum = head.weightSum() + weightOf(events);
    Revision next = new Revision(number, clusterTimeMillis, keys, events, weightSum);
    return new EventLog(revisions.put(number, next), next, compacted, compactedWeightSum);
  }

  /** Without the revisions up to and with {@code upTo}; never without the present one. */
  public EventLog compact(long upTo) {
    long floor = Math.min(upTo, head.number() - 1);
    if (floor <= compacted) {
      return this;
    }
    return new EventLog(revisions.from(floor + 1), head, floor, at(floor).weightSum());
  }

  /** The least floor above which the past counts for at most {@code bytesMax}. */
  public long floorByWeight(long bytesMax) {
    long low = compacted;
    long high = head.number() - 1;
    while (low < high) {
      long middle = (low + high) >>> 1;
      long sum = middle == compacted ? compactedWeightSum : at(middle).weightSum();
      if (head.weightSum() - sum <= bytesMax) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** The greatest floor whose revision came about before {@code clusterTimeMillis}. */
  public long floorByAge(long clusterTimeMillis) {
    long low = compacted;
    long high = head.number() - 1;
    while (low < high) {
      long middle = (low + high + 1) >>> 1;
      if (at(middle).clusterTimeMillis() < clusterTimeMillis) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** A hash of all that is remembered. */
  public long digest() {
    return revisions.digest();
  }

  private static long weightOf(List<Event> events) {
    long weight = REVISION_OVERHEAD_BYTES;
    for (Event event : events) {
      weight += EVENT_OVERHEAD_BYTES + supersededBytes(event);
    }
    return weight;
  }

  private static long supersededBytes(Event event) {
    return switch (event) {
      case Event.OfKey of -> {
        KeyRecord previous = of.previous();
        yield previous == null ? 0 : previous.weightBytes();
      }
      case Event.OfLock of -> of.weightBytes();
      case Event.OfElection of -> of.weightBytes();
      case Event.OfSemaphore of -> of.weightBytes();
      case Event.OfLease of -> of.weightBytes();
      case Event.OfNumber of -> of.weightBytes();
      case Event.OfMember of -> of.weightBytes();
    };
  }
}
