package io.lockstep.kv.gate;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.gate.Once.Claimed;
import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** All latches and all once-a-period work, by name. Immutable; each change O(log n). */
public final class GateTable {
  /** Nothing. */
  public static final GateTable EMPTY =
      new GateTable(
          OrderedMap.natural((name, latch) -> new Digest(latch.digest()).add(name).value()),
          OrderedMap.natural((name, once) -> new Digest(once.digest()).add(name).value()),
          OrderedMap.natural((lease, work) -> 0),
          0);

  /** What a lease was made for. */
  public record Work(Bytes name, Bytes period) {}

  private final OrderedMap<Bytes, Latch> latches;
  private final OrderedMap<Bytes, Once> onces;
  private final OrderedMap<LeaseId, Work> claims;
  private final long weightBytes;

  private GateTable(
      OrderedMap<Bytes, Latch> latches,
      OrderedMap<Bytes, Once> onces,
      OrderedMap<LeaseId, Work> claims,
      long weightBytes) {
    this.latches = latches;
    this.onces = onces;
    this.claims = claims;
    this.weightBytes = weightBytes;
  }

  /** The latch; null when nobody has arrived at it. */
  public @Nullable Latch latch(Bytes name) {
    return latches.get(name);
  }

  /** With {@code id} having arrived at {@code latch}. */
  public GateTable arrived(Bytes name, Latch latch, Bytes id) {
    return new GateTable(
        latches.put(name, latch.with(id)),
        onces,
        claims,
        weightBytes + growth(name, latches.get(name), id));
  }

  /** What another arrival adds to {@link #weightBytes}. */
  public static long growth(Bytes name, @Nullable Latch latch, Bytes id) {
    long anew = latch == null ? Latch.WEIGHT_BYTES + name.length() : 0;
    return anew + Latch.ARRIVAL_WEIGHT_BYTES + id.length();
  }

  /** Without a latch. */
  public GateTable without(Bytes name) {
    Latch latch = latches.require(name);
    long weight = Latch.WEIGHT_BYTES + name.length();
    var ids = latch.arrived().cursor();
    for (Bytes id = ids.nextKey(); id != null; id = ids.nextKey()) {
      weight += Latch.ARRIVAL_WEIGHT_BYTES + id.length();
    }
    return new GateTable(latches.remove(name), onces, claims, weightBytes - weight);
  }

  /** What is remembered of work once a period. */
  public Once once(Bytes name) {
    Once once = onces.get(name);
    return once == null ? Once.EMPTY : once;
  }

  /** What a lease was made for; null for nothing here. */
  public @Nullable Work workOf(LeaseId lease) {
    return claims.get(lease);
  }

  /** With a claim, until its lease ends. */
  public GateTable claimed(Bytes name, Bytes period, Claimed claim) {
    return with(
        name, once(name).claimed(period, claim), claims.put(claim.lease(), new Work(name, period)));
  }

  /** Without the claim of a lease: its period can be claimed again. */
  public GateTable freed(LeaseId lease, Work work) {
    return with(work.name(), once(work.name()).freed(work.period()), claims.remove(lease));
  }

  /** With a period that is done. */
  public GateTable finished(Bytes name, Bytes period, long token) {
    return with(name, once(name).finished(period, token), claims);
  }

  private GateTable with(Bytes name, Once once, OrderedMap<LeaseId, Work> changedClaims) {
    long before = (long) once(name).periods() * (Once.PERIOD_WEIGHT_BYTES + name.length());
    long after = (long) once.periods() * (Once.PERIOD_WEIGHT_BYTES + name.length());
    OrderedMap<Bytes, Once> changed =
        once.periods() == 0 ? onces.remove(name) : onces.put(name, once);
    return new GateTable(latches, changed, changedClaims, weightBytes - before + after);
  }

  /** How many latches there are. */
  public int latchCount() {
    return latches.size();
  }

  /** A cursor over all latches, by name. */
  public MapCursor<Bytes, Latch> latches() {
    return latches.cursor();
  }

  /** How many names there are of work once a period. */
  public int onceCount() {
    return onces.size();
  }

  /** A cursor over all work once a period, by name. */
  public MapCursor<Bytes, Once> onces() {
    return onces.cursor();
  }

  public long weightBytes() {
    return weightBytes;
  }

  public long digest() {
    return new Digest(latches.digest()).add(onces.digest()).value();
  }
}
