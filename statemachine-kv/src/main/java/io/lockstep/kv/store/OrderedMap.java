package io.lockstep.kv.store;

import io.lockstep.kv.store.MapCursor.Entry;
import io.lockstep.kv.store.MapKind.EntryDigest;
import io.lockstep.raft.Invariant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A persistent ordered map: a change gives a new map that shares all but a path with the old one,
 * which stays as it was. Any thread may read any map. A B+ tree with the entries in its leaves.
 *
 * <p>Cost for n entries: {@code get}, {@code put}, {@code remove}, {@code rank}, {@code from} O(log
 * n); a change allocates about 1 KiB at a million entries. {@code size} O(1).
 *
 * @param <K> keys; not null
 * @param <V> values; not null
 */
public final class OrderedMap<K, V> {
  private final MapKind<K, V> kind;
  private final TreeNode<K, V> root;

  OrderedMap(MapKind<K, V> kind, TreeNode<K, V> root) {
    this.kind = kind;
    this.root = root;
  }

  static <K, V> OrderedMap<K, V> empty(MapKind<K, V> kind) {
    return new OrderedMap<>(kind, TreeLeaf.empty());
  }

  /** No entries, for keys in their natural order. */
  public static <K extends Comparable<? super K>, V> OrderedMap<K, V> natural(
      EntryDigest<K, V> digest) {
    return empty(new MapKind<>(Comparator.naturalOrder(), digest));
  }

  /** Makes a new map of this one's kind from entries that come in order. */
  public OrderedMapBuilder<K, V> builder() {
    return new OrderedMapBuilder<>(kind);
  }

  public int size() {
    return root.size();
  }

  public boolean isEmpty() {
    return root.size() == 0;
  }

  public @Nullable V get(K key) {
    return root.get(kind, key);
  }

  /** The value of a key that the model knows to be there. */
  public V require(K key) {
    return Invariant.present(root.get(kind, key), "a key that is referred to is in its map");
  }

  public boolean contains(K key) {
    return root.get(kind, key) != null;
  }

  public OrderedMap<K, V> put(K key, V value) {
    TreeNode<K, V> changed = root.put(kind, key, value, true);
    if (changed.width() <= TreeNode.WIDTH_MAX) {
      return new OrderedMap<>(kind, changed);
    }
    int at = changed.splitAfterPut(key, true);
    return new OrderedMap<>(kind, TreeBranch.of(changed.head(at), changed.tail(at)));
  }

  /** Without {@code key}; this map itself when it does not hold it. */
  public OrderedMap<K, V> remove(K key) {
    TreeNode<K, V> changed = root.remove(kind, key);
    return changed == root ? this : ofRoot(changed);
  }

  /** The entries with keys from {@code key} on. */
  public OrderedMap<K, V> from(K key) {
    return isEmpty() ? this : ofRoot(root.from(kind, key));
  }

  /** How many keys are less than {@code key}. */
  public int rank(K key) {
    return root.rank(kind, key);
  }

  public @Nullable K firstKey() {
    return isEmpty() ? null : root.firstKey();
  }

  public @Nullable K lastKey() {
    return isEmpty() ? null : root.lastKey();
  }

  /** A cursor before the first entry. */
  public MapCursor<K, V> cursor() {
    return MapCursor.atStart(root);
  }

  /** A cursor before the first entry whose key is not less than {@code key}. */
  public MapCursor<K, V> cursor(K key) {
    return MapCursor.at(root, kind, key);
  }

  /** The first entry whose key is not less than {@code key}. */
  public @Nullable Entry<K, V> ceiling(K key) {
    return cursor(key).next();
  }

  /**
   * A hash over all entries that does not depend on how the map came about. Sums of subtrees are
   * remembered, so the cost is that of what changed since the digest of an earlier version of this
   * map was taken; all entries the first time.
   */
  public long digest() {
    return new Digest(size()).add(root.digest(kind)).value();
  }

  private OrderedMap<K, V> ofRoot(TreeNode<K, V> changed) {
    if (changed.size() == 0) {
      return empty(kind);
    }
    TreeNode<K, V> top = changed;
    while (top instanceof TreeBranch<K, V> branch && branch.width() == 1) {
      top = branch.child(0);
    }
    return new OrderedMap<>(kind, top);
  }
}
