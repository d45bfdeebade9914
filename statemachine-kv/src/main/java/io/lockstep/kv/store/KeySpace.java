package io.lockstep.kv.store;

import io.lockstep.kv.command.KeyRange;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All keys at one revision. Immutable; an earlier revision's key space stays whole and shares what
 * did not change.
 */
public final class KeySpace {
  /** At revision 1 of an empty cluster. */
  public static final KeySpace EMPTY =
      new KeySpace(OrderedMap.natural((key, record) -> record.digest()), 0);

  /** Makes a key space of records that come in the order of their keys. Used once. */
  public static final class Builder {
    private final OrderedMapBuilder<Bytes, KeyRecord> records = EMPTY.records.builder();
    private long weightBytes;

    /** Adds a record; throws {@code Malformed} unless its key is greater than the one before. */
    public void add(KeyRecord record) {
      records.add(record.key(), record);
      weightBytes += record.weightBytes();
    }

    public KeySpace build() {
      return new KeySpace(records.build(), weightBytes);
    }
  }

  private final OrderedMap<Bytes, KeyRecord> records;
  private final long weightBytes;

  private KeySpace(OrderedMap<Bytes, KeyRecord> records, long weightBytes) {
    this.records = records;
    this.weightBytes = weightBytes;
  }

  public int size() {
    return records.size();
  }

  /** What all records count for against the quota. */
  public long weightBytes() {
    return weightBytes;
  }

  public long digest() {
    return records.digest();
  }

  public @Nullable KeyRecord get(Bytes key) {
    return records.get(key);
  }

  /**
   * With {@code record} in place of {@code previous}, which is what {@link #get} gives for its key.
   */
  public KeySpace put(KeyRecord record, @Nullable KeyRecord previous) {
    long replaced = previous == null ? 0 : previous.weightBytes();
    return new KeySpace(
        records.put(record.key(), record), weightBytes - replaced + record.weightBytes());
  }

  /** Without {@code record}, which is what {@link #get} gives for its key. */
  public KeySpace remove(KeyRecord record) {
    return new KeySpace(records.remove(record.key()), weightBytes - record.weightBytes());
  }

  /** A cursor before the first key. */
  public MapCursor<Bytes, KeyRecord> cursor() {
    return records.cursor();
  }

  /** A cursor before the first key that is not less than {@code from}. */
  public MapCursor<Bytes, KeyRecord> cursor(Bytes from) {
    return records.cursor(from);
  }

  /** How many keys start with {@code prefix}. */
  public long count(Bytes prefix) {
    return count(KeyRange.prefix(prefix));
  }

  /** How many keys the range holds. O(log n). */
  public long count(KeyRange range) {
    Bytes end = range.end();
    int before = records.rank(range.from());
    int upTo = end == null ? records.size() : records.rank(end);
    return Math.max(0, (long) upTo - before);
  }

  /** The first {@code limit} records of the range. */
  public List<KeyRecord> first(KeyRange range, long limit) {
    List<KeyRecord> found = new ArrayList<>();
    MapCursor<Bytes, KeyRecord> cursor = records.cursor(range.from());
    while (found.size() < limit) {
      KeyRecord record = cursor.nextValue();
      if (record == null || !range.isBeforeEnd(record.key())) {
        break;
      }
      found.add(record);
    }
    return found;
  }

  /**
   * The keys that start with {@code prefix} and come after {@code after}.
   *
   * @param after null for a first page
   * @param bytesMax of keys and values together; one item is given even if it alone is more
   */
  public RangePage range(Bytes prefix, @Nullable Bytes after, int limit, long bytesMax) {
    List<KeyRecord> items = new ArrayList<>();
    MapCursor<Bytes, KeyRecord> cursor = records.cursor(start(prefix, after));
    long bytes = 0;
    KeyRecord record = cursor.nextValue();
    while (record != null && record.key().startsWith(prefix)) {
      bytes += record.key().length();
      bytes += record.value().length();
      if (items.size() >= limit || bytes > bytesMax && !items.isEmpty()) {
        return new RangePage(items, true, count(prefix));
      }
      items.add(record);
      record = cursor.nextValue();
    }
    return new RangePage(items, false, count(prefix));
  }

  /**
   * The names directly below {@code prefix}: a key with {@code delimiter} after the prefix is
   * listed as what it begins with, up to and with the first delimiter. O(log n) a name, however
   * many keys it stands for.
   *
   * @param delimiter may be empty: every key is listed
   * @param after null for a first page, else {@link KeyListing#next}
   */
  public KeyListing list(Bytes prefix, Bytes delimiter, @Nullable Bytes after, int limit) {
    List<Bytes> keys = new ArrayList<>();
    List<Bytes> prefixes = new ArrayList<>();
    Bytes last = null;
    Bytes from = startOfListing(prefix, delimiter, after);
    MapCursor<Bytes, KeyRecord> cursor = from == null ? null : records.cursor(from);
    Bytes key = cursor == null ? null : cursor.nextKey();
    while (cursor != null && key != null && key.startsWith(prefix)) {
      if (keys.size() + prefixes.size() >= limit) {
        return new KeyListing(keys, prefixes, last);
      }
      Bytes common = commonOf(key, prefix, delimiter);
      if (common == null) {
        keys.add(key);
        last = key;
      } else {
        prefixes.add(common);
        last = common;
        Bytes end = KeyRange.prefix(common).end();
        cursor = end == null ? null : records.cursor(end);
      }
      key = cursor == null ? null : cursor.nextKey();
    }
    return new KeyListing(keys, prefixes, null);
  }

  private static Bytes start(Bytes prefix, @Nullable Bytes after) {
    if (after == null || after.compareTo(prefix) < 0) {
      return prefix;
    }
    byte[] next = Arrays.copyOf(after.toArray(), after.length() + 1);
    return Bytes.wrap(next);
  }

  /**
   * A name that ends with the delimiter stands for all keys that begin with it, unless it is the
   * prefix itself.
   */
  private static @Nullable Bytes startOfListing(
      Bytes prefix, Bytes delimiter, @Nullable Bytes after) {
    if (after != null && after.compareTo(prefix) > 0) {
      Bytes common = commonOf(after, prefix, delimiter);
      if (common != null) {
        return KeyRange.prefix(common).end();
      }
    }
    return start(prefix, after);
  }

  private static @Nullable Bytes commonOf(Bytes key, Bytes prefix, Bytes delimiter) {
    if (delimiter.isEmpty() || !key.startsWith(prefix)) {
      return null;
    }
    int last = key.length() - delimiter.length();
    for (int i = prefix.length(); i <= last; i++) {
      if (matches(key, i, delimiter)) {
        return key.slice(0, i + delimiter.length());
      }
    }
    return null;
  }

  private static boolean matches(Bytes key, int position, Bytes delimiter) {
    for (int i = 0; i < delimiter.length(); i++) {
      if (key.at(position + i) != delimiter.at(i)) {
        return false;
      }
    }
    return true;
  }
}
