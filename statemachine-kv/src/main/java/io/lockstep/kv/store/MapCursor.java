package io.lockstep.kv.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks the entries of one {@link OrderedMap} in key order. Owned by one thread; O(1) a step on
 * average.
 */
public final class MapCursor<K, V> {
  /** One entry of a map. */
  public record Entry<K, V>(K key, V value) {}

  /** A branch on the path to the leaf, and which of its children comes next. */
  private static final class Turn<K, V> {
    private final TreeBranch<K, V> branch;
    private int next;

    Turn(TreeBranch<K, V> branch, int next) {
      this.branch = branch;
      this.next = next;
    }
  }

  private final List<Turn<K, V>> path = new ArrayList<>();
  private TreeLeaf<K, V> leaf;
  private int position;

  private MapCursor(TreeNode<K, V> root, @Nullable MapKind<K, V> kind, @Nullable K key) {
    TreeNode<K, V> node = root;
    while (node instanceof TreeBranch<K, V> branch) {
      int child = kind == null || key == null ? 0 : branch.position(kind, key);
      path.add(new Turn<>(branch, child + 1));
      node = branch.child(child);
    }
    leaf = (TreeLeaf<K, V>) node;
    position = kind == null || key == null ? 0 : leaf.rank(kind, key);
  }

  static <K, V> MapCursor<K, V> atStart(TreeNode<K, V> root) {
    return new MapCursor<>(root, null, null);
  }

  static <K, V> MapCursor<K, V> at(TreeNode<K, V> root, MapKind<K, V> kind, K key) {
    return new MapCursor<>(root, kind, key);
  }

  /** The next entry, or null at the end. */
  public @Nullable Entry<K, V> next() {
    if (!settle()) {
      return null;
    }
    Entry<K, V> entry = new Entry<>(leaf.key(position), leaf.value(position));
    position++;
    return entry;
  }

  /** The next value, or null at the end. */
  public @Nullable V nextValue() {
    return settle() ? leaf.value(position++) : null;
  }

  /** The next key, or null at the end. */
  public @Nullable K nextKey() {
    return settle() ? leaf.key(position++) : null;
  }

  /** Moves to the next leaf when this one is used up; false at the end. */
  private boolean settle() {
    while (position == leaf.width()) {
      while (!path.isEmpty() && path.getLast().next == path.getLast().branch.width()) {
        path.removeLast();
      }
      if (path.isEmpty()) {
        return false;
      }
      descend(path.getLast());
    }
    return true;
  }

  private void descend(Turn<K, V> turn) {
    TreeNode<K, V> node = turn.branch.child(turn.next++);
    while (node instanceof TreeBranch<K, V> branch) {
      path.add(new Turn<>(branch, 1));
      node = branch.child(0);
    }
    leaf = (TreeLeaf<K, V>) node;
    position = 0;
  }
}
