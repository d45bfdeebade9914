package io.lockstep.kv.store;

import java.util.Comparator;

/**
 * What all maps of one kind have in common.
 *
 * @param order total, and consistent with equals
 * @param digest of one entry; entries that differ should differ in it
 */
public record MapKind<K, V>(Comparator<K> order, EntryDigest<K, V> digest) {
  /** A well mixed 64-bit hash of an entry, the same in every process. */
  @FunctionalInterface
  public interface EntryDigest<K, V> {
    long of(K key, V value);
  }
}
