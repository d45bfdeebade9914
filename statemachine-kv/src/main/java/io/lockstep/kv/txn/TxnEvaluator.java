package io.lockstep.kv.txn;

import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.raft.bytes.Bytes;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says whether conditions hold in one state: the one before the whole transaction, whatever its
 * operations have done since. Used for one transaction.
 */
public final class TxnEvaluator {
  private static final Comparator<@Nullable LeaseId> LEASES =
      Comparator.nullsFirst(Comparator.naturalOrder());

  private final KeySpace keys;
  private final Facts facts;
  private long looksLeft = Transaction.COMPARED_KEYS_MAX;

  /** What conditions ask for beside keys. */
  public interface Facts {
    boolean holds(LockGuard guard);

    boolean runs(LeaseId lease);

    long fence(Bytes name);
  }

  /** How conditions turned out. */
  public sealed interface Verdict {
    /** All hold. */
    record Holds() implements Verdict {}

    /** The one at this position is the first that does not. */
    record False(int condition) implements Verdict {}

    /** They would look at too many keys. */
    record TooLarge() implements Verdict {}
  }

  public TxnEvaluator(KeySpace keys, Facts facts) {
    this.keys = keys;
    this.facts = facts;
  }

  public Verdict evaluate(List<Compare> conditions) {
    for (int i = 0; i < conditions.size(); i++) {
      boolean holds;
      switch (conditions.get(i)) {
        case Compare.Keys compared -> {
          looksLeft -= keys.count(compared.range());
          if (looksLeft < 0) {
            return new Verdict.TooLarge();
          }
          holds = holds(compared);
        }
        case Compare.Existence(KeyRange range, boolean exists) ->
            holds = keys.count(range) > 0 == exists;
        case Compare.LockHeld(LockGuard guard) -> holds = facts.holds(guard);
        case Compare.FenceAt(Bytes fence, long token, Operator operator) ->
            holds = operator.holds(Long.compare(facts.fence(fence), token));
        case Compare.LeaseAlive(LeaseId lease, boolean alive) -> holds = facts.runs(lease) == alive;
      }
      if (!holds) {
        return new Verdict.False(i);
      }
    }
    return new Verdict.Holds();
  }

  private boolean holds(Compare.Keys compared) {
    MapCursor<Bytes, KeyRecord> cursor = keys.cursor(compared.range().from());
    KeyRecord record = cursor.nextValue();
    if (record == null || !compared.range().isBeforeEnd(record.key())) {
      return holds(compared, null);
    }
    while (record != null && compared.range().isBeforeEnd(record.key())) {
      if (!holds(compared, record)) {
        return false;
      }
      record = cursor.nextValue();
    }
    return true;
  }

  private static boolean holds(Compare.Keys compared, @Nullable KeyRecord record) {
    Operator operator = compared.operator();
    return switch (compared.operand()) {
      case Operand.ModRevision(long revision) ->
          operator.holds(Long.compare(record == null ? 0 : record.meta().modRevision(), revision));
      case Operand.CreateRevision(long revision) ->
          operator.holds(
              Long.compare(record == null ? 0 : record.meta().createRevision(), revision));
      case Operand.Version(long version) ->
          operator.holds(Long.compare(record == null ? 0 : record.meta().version(), version));
      case Operand.Value(Bytes value) ->
          record != null && operator.holds(record.value().compareTo(value));
      case Operand.OfLease(LeaseId lease) ->
          operator.holds(LEASES.compare(record == null ? null : record.meta().lease(), lease));
    };
  }
}
