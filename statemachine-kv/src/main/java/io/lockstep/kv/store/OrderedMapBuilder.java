package io.lockstep.kv.store;

import io.lockstep.raft.bytes.ByteReader.Malformed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes an {@link OrderedMap} of entries that come in order, with full nodes and in O(1) an entry.
 * Owned by one thread, used once.
 */
public final class OrderedMapBuilder<K, V> {
  private final MapKind<K, V> kind;
  private Object[] slots = new Object[4];
  private final List<List<TreeNode<K, V>>> levels = new ArrayList<>();
  private int filled;
  private @Nullable K last;

  OrderedMapBuilder(MapKind<K, V> kind) {
    this.kind = kind;
  }

  /**
   * Adds an entry.
   *
   * @throws Malformed unless {@code key} is greater than the one before
   */
  public void add(K key, V value) {
    if (last != null && kind.order().compare(last, key) >= 0) {
      throw new Malformed("the keys of a map do not ascend");
    }
    last = key;
    if (filled == 2 * TreeNode.WIDTH_MAX) {
      closeLeaf();
    } else if (filled == slots.length) {
      slots = Arrays.copyOf(slots, 2 * filled);
    }
    slots[filled] = key;
    slots[filled + 1] = value;
    filled += 2;
  }

  /** The map of all that was added. */
  public OrderedMap<K, V> build() {
    if (filled == 0) {
      return OrderedMap.empty(kind);
    }
    closeLeaf();
    for (int height = 0; ; height++) {
      List<TreeNode<K, V>> nodes = levels.get(height);
      boolean top = height == levels.size() - 1;
      if (top && nodes.size() == 1) {
        return new OrderedMap<>(kind, nodes.getFirst());
      }
      if (!nodes.isEmpty()) {
        closeBranch(height);
      }
    }
  }

  private void closeLeaf() {
    push(0, TreeLeaf.of(Arrays.copyOf(slots, filled)));
    filled = 0;
  }

  private void push(int height, TreeNode<K, V> node) {
    if (height == levels.size()) {
      levels.add(new ArrayList<>(TreeNode.WIDTH_MAX));
    }
    if (levels.get(height).size() == TreeNode.WIDTH_MAX) {
      closeBranch(height);
    }
    levels.get(height).add(node);
  }

  private void closeBranch(int height) {
    List<TreeNode<K, V>> nodes = levels.get(height);
    TreeNode<K, V> branch = TreeBranch.of(nodes);
    nodes.clear();
    push(height + 1, branch);
  }
}
