package io.lockstep.kv.store;

import org.jspecify.annotations.Nullable;

/**
 * A node of the B+ tree behind {@link OrderedMap}: immutable but for the memory of its digest.
 *
 * <p>An operation on a child may leave it wider than {@link #WIDTH_MAX} by one, or narrower than
 * {@link #WIDTH_MIN}; its parent then splits it or joins it with a neighbour. Nodes at the right
 * edge may be narrow, for appending leaves full nodes behind; so may those at the left edge after
 * {@link #from}.
 */
abstract sealed class TreeNode<K, V> permits TreeLeaf, TreeBranch {
  static final int WIDTH_MAX = 32;
  static final int WIDTH_MIN = 12;

  /** The sum of the entries' digests; 0 while it is not known. */
  private volatile long digest;

  /** How many entries there are below this node. */
  abstract int size();

  /** How many entries a leaf has, or children a branch. */
  abstract int width();

  abstract @Nullable V get(MapKind<K, V> kind, K key);

  /** How many keys are less than {@code key}. */
  abstract int rank(MapKind<K, V> kind, K key);

  /**
   * With {@code value} at {@code key}. {@code edge} when no node of this height is to the right.
   */
  abstract TreeNode<K, V> put(MapKind<K, V> kind, K key, V value, boolean edge);

  /** Without {@code key}: this node itself when it does not hold it. */
  abstract TreeNode<K, V> remove(MapKind<K, V> kind, K key);

  /** The entries from {@code key} on. */
  abstract TreeNode<K, V> from(MapKind<K, V> kind, K key);

  abstract K firstKey();

  abstract K lastKey();

  /** The first {@code width} entries or children. */
  abstract TreeNode<K, V> head(int width);

  /** All but the first {@code width} entries or children. */
  abstract TreeNode<K, V> tail(int width);

  /** This node's entries and then those of {@code right}, a node of the same height. */
  abstract TreeNode<K, V> joined(TreeNode<K, V> right);

  abstract long sumOfDigests(MapKind<K, V> kind);

  final long digest(MapKind<K, V> kind) {
    long known = digest;
    if (known == 0) {
      known = sumOfDigests(kind);
      digest = known;
    }
    return known;
  }

  /** Where this node, which became too wide by {@code put}, is to be split. */
  final int splitAfterPut(K put, boolean edge) {
    return edge && lastKey() == put ? WIDTH_MAX : width() / 2;
  }
}
