package io.lockstep.kv.request;

import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.bytes.Bytes;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The stored answers, by key and by age. Immutable; each change O(log n). What is forgotten and
 * when is the caller's choice.
 */
public final class RequestTable {
  /** No answers. */
  public static final RequestTable EMPTY =
      new RequestTable(
          OrderedMap.natural((name, answer) -> answer.digest()),
          OrderedMap.natural((index, name) -> 0),
          0);

  private record Name(String scope, Bytes text) implements Comparable<Name> {
    private static final Comparator<Name> ORDER =
        Comparator.comparing(Name::text).thenComparing(Name::scope);

    static Name of(StoredAnswer answer) {
      return new Name(answer.key().scope(), answer.key().text());
    }

    @Override
    public int compareTo(Name other) {
      return ORDER.compare(this, other);
    }
  }

  /** Walks all answers, the oldest first. Owned by one thread. */
  public static final class Cursor {
    private final RequestTable table;
    private final MapCursor<Long, Name> names;

    private Cursor(RequestTable table) {
      this.table = table;
      names = table.byIndex.cursor();
    }

    /** The next answer, or null at the end. */
    public @Nullable StoredAnswer next() {
      Name name = names.nextValue();
      return name == null ? null : table.answers.require(name);
    }
  }

  private final OrderedMap<Name, StoredAnswer> answers;
  private final OrderedMap<Long, Name> byIndex;
  private final long weightBytes;

  private RequestTable(
      OrderedMap<Name, StoredAnswer> answers, OrderedMap<Long, Name> byIndex, long weightBytes) {
    this.answers = answers;
    this.byIndex = byIndex;
    this.weightBytes = weightBytes;
  }

  public int size() {
    return answers.size();
  }

  public long weightBytes() {
    return weightBytes;
  }

  public long digest() {
    return answers.digest();
  }

  public @Nullable StoredAnswer get(String scope, Bytes text) {
    return answers.get(new Name(scope, text));
  }

  public @Nullable StoredAnswer oldest() {
    Long index = byIndex.firstKey();
    return index == null ? null : answers.require(byIndex.require(index));
  }

  /** A cursor before the oldest answer. */
  public Cursor cursor() {
    return new Cursor(this);
  }

  /** With {@code answer}; an earlier one with its key is replaced. */
  public RequestTable with(StoredAnswer answer) {
    Name name = Name.of(answer);
    StoredAnswer before = answers.get(name);
    RequestTable rest = before == null ? this : without(before);
    return new RequestTable(
        rest.answers.put(name, answer),
        rest.byIndex.put(answer.index(), name),
        rest.weightBytes + answer.weightBytes());
  }

  public RequestTable without(StoredAnswer answer) {
    return new RequestTable(
        answers.remove(Name.of(answer)),
        byIndex.remove(answer.index()),
        weightBytes - answer.weightBytes());
  }
}
