package io.lockstep.kv.member;

import io.lockstep.kv.store.Digest;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of all nodes. Each node has at most one that it signs with; one that it signs
 * with no more stays for as long as a grant may last that was signed with it. Immutable, of bounded
 * size.
 *
 * @param keys sorted by node, then by key
 */
public record KeyTable(List<PublishedKey> keys) {
  private static final Comparator<PublishedKey> ORDER =
      Comparator.comparing(PublishedKey::node).thenComparing(PublishedKey::bytes);

  /** No keys. */
  public static final KeyTable EMPTY = new KeyTable(List.of());

  /** How many keys of one node there are at most. */
  public static final int KEYS_OF_NODE_MAX = 4;

  /** How many keys there are at most. */
  public static final int KEYS_MAX = KEYS_OF_NODE_MAX * MemberTable.MEMBERS_MAX;

  public KeyTable {
    keys = keys.stream().sorted(ORDER).toList();
  }

  /** The key that a node signs with; null when it has published none. */
  public @Nullable PublishedKey inUse(NodeId node) {
    for (PublishedKey key : keys) {
      if (key.inUse() && key.node().equals(node)) {
        return key;
      }
    }
    return null;
  }

  /** Whether there is room for this key, or it is known already. */
  public boolean mayTake(NodeId node, Bytes bytes) {
    int ofNode = 0;
    for (PublishedKey key : keys) {
      if (key.node().equals(node)) {
        if (key.bytes().equals(bytes)) {
          return true;
        }
        ofNode++;
      }
    }
    return ofNode < KEYS_OF_NODE_MAX && keys.size() < KEYS_MAX;
  }

  /**
   * With another key that {@code node} signs with from {@code nowMillis} on; the one before it
   * stays until {@code untilMillis}. Only what {@link #mayTake}.
   */
  KeyTable with(NodeId node, Bytes bytes, long nowMillis, long untilMillis) {
    List<PublishedKey> all = new ArrayList<>();
    for (PublishedKey key : keys) {
      boolean same = key.node().equals(node);
      if (!same || !key.bytes().equals(bytes)) {
        all.add(same ? key.until(untilMillis) : key);
      }
    }
    all.add(new PublishedKey(node, bytes, nowMillis, PublishedKey.IN_USE));
    return new KeyTable(all);
  }

  /** Those of nodes that are not {@code there} any more stay until {@code untilMillis}. */
  KeyTable withOnly(Predicate<NodeId> there, long untilMillis) {
    return new KeyTable(
        keys.stream().map(key -> there.test(key.node()) ? key : key.until(untilMillis)).toList());
  }

  /** Without those whose time has passed. */
  KeyTable at(long nowMillis) {
    return new KeyTable(keys.stream().filter(key -> key.untilMillis() >= nowMillis).toList());
  }

  /** The earliest cluster time after which a key goes; {@link Long#MAX_VALUE} for none. */
  public long firstDueMillis() {
    long first = Long.MAX_VALUE;
    for (PublishedKey key : keys) {
      first = Math.min(first, key.untilMillis());
    }
    return first;
  }

  void addTo(Digest digest) {
    for (PublishedKey key : keys) {
      digest.add(key.node().text()).add(key.bytes()).add(key.sinceMillis()).add(key.untilMillis());
    }
  }
}
