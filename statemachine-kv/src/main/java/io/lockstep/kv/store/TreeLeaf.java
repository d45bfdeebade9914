package io.lockstep.kv.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Entries in one array: key, value, key, value. */
final class TreeLeaf<K, V> extends TreeNode<K, V> {
  private final Object[] slots;

  private TreeLeaf(Object[] slots) {
    this.slots = slots;
  }

  static <K, V> TreeLeaf<K, V> empty() {
    return new TreeLeaf<>(new Object[0]);
  }

  /** Of slots that the caller hands over. */
  static <K, V> TreeLeaf<K, V> of(Object[] slots) {
    return new TreeLeaf<>(slots);
  }

  @Override
  int size() {
    return slots.length / 2;
  }

  @Override
  int width() {
    return slots.length / 2;
  }

  @SuppressWarnings("unchecked") // even slots hold keys
  K key(int position) {
    return (K) slots[2 * position];
  }

  @SuppressWarnings("unchecked") // odd slots hold values
  V value(int position) {
    return (V) slots[2 * position + 1];
  }

  @Override
  int rank(MapKind<K, V> kind, K key) {
    int low = 0;
    int high = width();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (kind.order().compare(key(middle), key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private boolean holds(MapKind<K, V> kind, int position, K key) {
    return position < width() && kind.order().compare(key(position), key) == 0;
  }

  @Override
  @Nullable V get(MapKind<K, V> kind, K key) {
    int position = rank(kind, key);
    return holds(kind, position, key) ? value(position) : null;
  }

  @Override
  TreeNode<K, V> put(MapKind<K, V> kind, K key, V value, boolean edge) {
    int position = rank(kind, key);
    boolean replaces = holds(kind, position, key);
    Object[] changed;
    if (replaces) {
      changed = slots.clone();
    } else {
      changed = new Object[slots.length + 2];
      System.arraycopy(slots, 0, changed, 0, 2 * position);
      System.arraycopy(slots, 2 * position, changed, 2 * position + 2, slots.length - 2 * position);
    }
    changed[2 * position] = key;
    changed[2 * position + 1] = value;
    return new TreeLeaf<>(changed);
  }

  @Override
  TreeNode<K, V> remove(MapKind<K, V> kind, K key) {
    int position = rank(kind, key);
    if (!holds(kind, position, key)) {
      return this;
    }
    Object[] shrunk = Arrays.copyOf(slots, slots.length - 2);
    System.arraycopy(slots, 2 * position + 2, shrunk, 2 * position, shrunk.length - 2 * position);
    return new TreeLeaf<>(shrunk);
  }

  @Override
  TreeNode<K, V> from(MapKind<K, V> kind, K key) {
    return tail(rank(kind, key));
  }

  @Override
  K firstKey() {
    return key(0);
  }

  @Override
  K lastKey() {
    return key(width() - 1);
  }

  @Override
  TreeNode<K, V> head(int width) {
    return new TreeLeaf<>(Arrays.copyOf(slots, 2 * width));
  }

  @Override
  TreeNode<K, V> tail(int width) {
    return width == 0 ? this : new TreeLeaf<>(Arrays.copyOfRange(slots, 2 * width, slots.length));
  }

  @Override
  TreeNode<K, V> joined(TreeNode<K, V> right) {
    Object[] more = ((TreeLeaf<K, V>) right).slots;
    Object[] all = Arrays.copyOf(slots, slots.length + more.length);
    System.arraycopy(more, 0, all, slots.length, more.length);
    return new TreeLeaf<>(all);
  }

  @Override
  long sumOfDigests(MapKind<K, V> kind) {
    long sum = 0;
    for (int i = 0; i < width(); i++) {
      sum += kind.digest().of(key(i), value(i));
    }
    return sum;
  }
}
