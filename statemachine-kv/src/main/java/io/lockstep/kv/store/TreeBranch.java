package io.lockstep.kv.store;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Children of one height. {@code lows[i]} separates the children before {@code i}, whose keys are
 * less, from child {@code i}, whose keys are not; {@code lows[0]} has no meaning.
 */
final class TreeBranch<K, V> extends TreeNode<K, V> {
  private final Object[] lows;
  private final TreeNode<K, V>[] children;
  private final int size;

  private TreeBranch(Object[] lows, TreeNode<K, V>[] children, int size) {
    this.lows = lows;
    this.children = children;
    this.size = size;
  }

  private TreeBranch(Object[] lows, TreeNode<K, V>[] children) {
    this(lows, children, sizeOf(children));
  }

  /** A root over the two halves of one that became too wide. */
  static <K, V> TreeBranch<K, V> of(TreeNode<K, V> left, TreeNode<K, V> right) {
    TreeNode<K, V>[] children = array(2);
    children[0] = left;
    children[1] = right;
    Object[] lows = {left.firstKey(), right.firstKey()};
    return new TreeBranch<>(lows, children);
  }

  /** Over nodes of one height, in order. */
  static <K, V> TreeBranch<K, V> of(List<TreeNode<K, V>> nodes) {
    TreeNode<K, V>[] children = array(nodes.size());
    Object[] lows = new Object[children.length];
    for (int i = 0; i < children.length; i++) {
      children[i] = nodes.get(i);
      lows[i] = children[i].firstKey();
    }
    return new TreeBranch<>(lows, children);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
  private static <K, V> TreeNode<K, V>[] array(int length) {
    return new TreeNode[length];
  }

  private static <K, V> int sizeOf(TreeNode<K, V>[] children) {
    int sum = 0;
    for (TreeNode<K, V> child : children) {
      sum += child.size();
    }
    return sum;
  }

  @Override
  int size() {
    return size;
  }

  @Override
  int width() {
    return children.length;
  }

  TreeNode<K, V> child(int position) {
    return children[position];
  }

  /** Which child holds {@code key} if any does. */
  @SuppressWarnings("unchecked") // lows are keys
  int position(MapKind<K, V> kind, K key) {
    int low = 1;
    int high = lows.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (kind.order().compare((K) lows[middle], key) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  @Override
  @Nullable V get(MapKind<K, V> kind, K key) {
    return children[position(kind, key)].get(kind, key);
  }

  @Override
  int rank(MapKind<K, V> kind, K key) {
    int position = position(kind, key);
    int before = 0;
    for (int i = 0; i < position; i++) {
      before += children[i].size();
    }
    return before + children[position].rank(kind, key);
  }

  @Override
  TreeNode<K, V> put(MapKind<K, V> kind, K key, V value, boolean edge) {
    int position = position(kind, key);
    boolean childAtEdge = edge && position == children.length - 1;
    TreeNode<K, V> child = children[position].put(kind, key, value, childAtEdge);
    if (child.width() <= WIDTH_MAX) {
      return replaced(position, child);
    }
    int at = child.splitAfterPut(key, childAtEdge);
    return spliced(position, 1, child.head(at), child.tail(at));
  }

  @Override
  TreeNode<K, V> remove(MapKind<K, V> kind, K key) {
    int position = position(kind, key);
    TreeNode<K, V> child = children[position].remove(kind, key);
    if (child == children[position]) {
      return this;
    }
    if (child.size() == 0) {
      return spliced(position, 1);
    }
    if (child.width() >= WIDTH_MIN || children.length == 1) {
      return replaced(position, child);
    }
    boolean first = position == 0;
    TreeNode<K, V> joined =
        first ? child.joined(children[1]) : children[position - 1].joined(child);
    int left = first ? 0 : position - 1;
    if (joined.width() <= WIDTH_MAX) {
      return spliced(left, 2, joined);
    }
    int half = joined.width() / 2;
    return spliced(left, 2, joined.head(half), joined.tail(half));
  }

  @Override
  TreeNode<K, V> from(MapKind<K, V> kind, K key) {
    int position = position(kind, key);
    TreeNode<K, V> child = children[position].from(kind, key);
    if (child.size() == 0) {
      return tail(position + 1);
    }
    return ((TreeBranch<K, V>) tail(position)).replaced(0, child);
  }

  @Override
  K firstKey() {
    return children[0].firstKey();
  }

  @Override
  K lastKey() {
    return children[children.length - 1].lastKey();
  }

  @Override
  TreeNode<K, V> head(int width) {
    return new TreeBranch<>(Arrays.copyOf(lows, width), Arrays.copyOf(children, width));
  }

  @Override
  TreeNode<K, V> tail(int width) {
    return new TreeBranch<>(
        Arrays.copyOfRange(lows, width, lows.length),
        Arrays.copyOfRange(children, width, children.length));
  }

  @Override
  TreeNode<K, V> joined(TreeNode<K, V> right) {
    TreeBranch<K, V> more = (TreeBranch<K, V>) right;
    Object[] allLows = Arrays.copyOf(lows, lows.length + more.lows.length);
    System.arraycopy(more.lows, 0, allLows, lows.length, more.lows.length);
    allLows[lows.length] = more.firstKey();
    TreeNode<K, V>[] all = Arrays.copyOf(children, allLows.length);
    System.arraycopy(more.children, 0, all, children.length, more.children.length);
    return new TreeBranch<>(allLows, all);
  }

  @Override
  long sumOfDigests(MapKind<K, V> kind) {
    long sum = 0;
    for (TreeNode<K, V> child : children) {
      sum += child.digest(kind);
    }
    return sum;
  }

  private TreeBranch<K, V> replaced(int position, TreeNode<K, V> child) {
    TreeNode<K, V>[] changed = children.clone();
    changed[position] = child;
    return new TreeBranch<>(lows, changed, size - children[position].size() + child.size());
  }

  /** With {@code instead} in place of {@code count} children from {@code position} on. */
  @SafeVarargs
  private TreeBranch<K, V> spliced(int position, int count, TreeNode<K, V>... instead) {
    int length = children.length - count + instead.length;
    Object[] newLows = Arrays.copyOf(lows, length);
    TreeNode<K, V>[] changed = Arrays.copyOf(children, length);
    for (int i = 0; i < instead.length; i++) {
      newLows[position + i] = instead[i].firstKey();
      changed[position + i] = instead[i];
    }
    int rest = children.length - position - count;
    System.arraycopy(lows, position + count, newLows, length - rest, rest);
    System.arraycopy(children, position + count, changed, length - rest, rest);
    return new TreeBranch<>(newLows, changed);
  }
}
