package io.lockstep.kv.txn;

import io.lockstep.kv.command.KeyRange;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The keys that the operations of a branch write. Within one revision a key changes once: otherwise
 * a watcher could not tell which of two changes is the state at that revision. So a branch that
 * puts a key twice, or puts one that it also removes, is refused whatever the state is.
 */
public final class Writes {
  private final TreeSet<Bytes> puts = new TreeSet<>();
  private final List<KeyRange> removals = new ArrayList<>();
  private @Nullable Bytes twice;

  private Writes() {}

  /** The least key that a branch of {@code transaction} writes twice; null when there is none. */
  public static @Nullable Bytes twice(Transaction transaction) {
    return ofBoth(transaction).twice;
  }

  private static Writes ofBoth(Transaction transaction) {
    Writes writes = of(transaction.then());
    List<Operation> otherwise = transaction.otherwise();
    if (otherwise != null) {
      Writes others = of(otherwise);
      writes.puts.addAll(others.puts);
      writes.removals.addAll(others.removals);
      writes.note(others.twice);
    }
    return writes;
  }

  private static Writes of(List<Operation> operations) {
    Writes writes = new Writes();
    for (Operation operation : operations) {
      switch (operation) {
        case Operation.Put put -> writes.put(put.key());
        case Operation.Add add -> writes.put(add.key());
        case Operation.Rewrite rewrite -> writes.put(rewrite.key());
        case Operation.Get get -> {}
        case Operation.Find find -> {}
        case Operation.Delete delete -> writes.remove(delete.range());
        case Operation.Nested(Transaction inner) -> writes.all(ofBoth(inner));
      }
    }
    return writes;
  }

  private void all(Writes inner) {
    note(inner.twice);
    // One branch of the inner may remove what the other puts: only those here count.
    inner.puts.forEach(this::check);
    inner.removals.forEach(this::check);
    puts.addAll(inner.puts);
    removals.addAll(inner.removals);
  }

  private void put(Bytes key) {
    check(key);
    puts.add(key);
  }

  private void check(Bytes key) {
    if (puts.contains(key)) {
      note(key);
    }
    for (KeyRange range : removals) {
      if (range.contains(key)) {
        note(key);
      }
    }
  }

  private void remove(KeyRange range) {
    check(range);
    removals.add(range);
  }

  private void check(KeyRange range) {
    Bytes first = puts.ceiling(range.from());
    if (first != null && range.isBeforeEnd(first)) {
      note(first);
    }
  }

  private void note(@Nullable Bytes key) {
    if (key != null && (twice == null || key.compareTo(twice) < 0)) {
      twice = key;
    }
  }
}
