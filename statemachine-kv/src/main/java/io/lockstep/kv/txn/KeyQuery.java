package io.lockstep.kv.txn;

import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.result.Result.RecordsFound;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which keys of a range are wanted, in which order, and how much of each.
 *
 * @param revision of the state that is read; not positive for the present one
 * @param limit at most so many; not positive for all
 * @param keysOnly whether values are left out
 * @param countOnly whether only their number is wanted
 */
public record KeyQuery(
    KeyRange range,
    long revision,
    long limit,
    Order order,
    Target target,
    Bounds bounds,
    boolean keysOnly,
    boolean countOnly) {
  /** In which direction. The codes are part of the format: never renumber. */
  public enum Order {
    /** As they are found; by anything but the key that is {@link #ASCENDING}. */
    NONE(0),
    ASCENDING(1),
    DESCENDING(2);

    private final int code;

    Order(int code) {
      this.code = code;
    }

    public int code() {
      return code;
    }
  }

  /** By what; the equal ones in key order. The codes are part of the format: never renumber. */
  public enum Target {
    KEY(0),
    VERSION(1),
    CREATE_REVISION(2),
    MOD_REVISION(3),
    VALUE(4);

    private final int code;

    Target(int code) {
      this.code = code;
    }

    public int code() {
      return code;
    }

    private Comparator<KeyRecord> comparator() {
      return switch (this) {
        case KEY -> Comparator.comparing(KeyRecord::key);
        case VERSION -> Comparator.comparingLong(record -> record.meta().version());
        case CREATE_REVISION -> Comparator.comparingLong(record -> record.meta().createRevision());
        case MOD_REVISION -> Comparator.comparingLong(record -> record.meta().modRevision());
        case VALUE -> Comparator.comparing(KeyRecord::value);
      };
    }
  }

  /** Revisions between which a key's must lie, these included; 0 for no bound. */
  public record Bounds(long modMin, long modMax, long createMin, long createMax) {
    /** No bounds. */
    public static final Bounds NONE = new Bounds(0, 0, 0, 0);

    boolean hold(KeyRecord record) {
      long mod = record.meta().modRevision();
      long create = record.meta().createRevision();
      return (modMin == 0 || mod >= modMin)
          && (modMax == 0 || mod <= modMax)
          && (createMin == 0 || create >= createMin)
          && (createMax == 0 || create <= createMax);
    }
  }

  /** All keys of {@code range} at present, whole and in key order. */
  public static KeyQuery all(KeyRange range) {
    return new KeyQuery(range, 0, 0, Order.NONE, Target.KEY, Bounds.NONE, false, false);
  }

  /**
   * What {@code keys} has of it; the count is of the whole range, whatever the bounds.
   *
   * @param looksMax how many keys may be looked at
   * @param bytesMax how much the answer may weigh
   * @return null when it would be more than that
   */
  public @Nullable RecordsFound in(KeySpace keys, int looksMax, long bytesMax) {
    long count = keys.count(range);
    if (countOnly) {
      return new RecordsFound(List.of(), count, false);
    }
    boolean inOrder = order == Order.NONE && bounds.equals(Bounds.NONE);
    long wanted = inOrder && limit > 0 && limit < count ? limit + 1 : count;
    if (wanted > looksMax) {
      return null;
    }
    List<KeyRecord> found = matching(keys, wanted);
    sort(found);
    boolean more = limit > 0 && found.size() > limit;
    List<KeyRecord> given = more ? found.subList(0, (int) limit) : found;
    List<KeyRecord> shown = new ArrayList<>(given.size());
    long bytes = 0;
    for (KeyRecord record : given) {
      KeyRecord one = keysOnly ? withoutValue(record) : record;
      bytes += one.weightBytes();
      if (bytes > bytesMax) {
        return null;
      }
      shown.add(one);
    }
    return new RecordsFound(shown, count, more);
  }

  private List<KeyRecord> matching(KeySpace keys, long wanted) {
    List<KeyRecord> found = new ArrayList<>();
    MapCursor<Bytes, KeyRecord> cursor = keys.cursor(range.from());
    for (long i = 0; i < wanted; i++) {
      KeyRecord record = cursor.nextValue();
      if (record != null && bounds.hold(record)) {
        found.add(record);
      }
    }
    return found;
  }

  private void sort(List<KeyRecord> found) {
    switch (order) {
      case NONE -> {
        if (target != Target.KEY) {
          found.sort(target.comparator());
        }
      }
      case ASCENDING -> found.sort(target.comparator());
      case DESCENDING -> found.sort(target.comparator().reversed());
    }
  }

  private static KeyRecord withoutValue(KeyRecord record) {
    return new KeyRecord(record.key(), Bytes.EMPTY, record.contentType(), record.meta());
  }
}
