package io.lockstep.kv.store;

import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of names at one revision: keys, and the common beginnings, up to a delimiter, of keys that
 * are not listed themselves. Each list is in order.
 *
 * @param next after which name the next page begins; null on the last page
 */
public record KeyListing(List<Bytes> keys, List<Bytes> prefixes, @Nullable Bytes next) {
  public KeyListing {
    keys = List.copyOf(keys);
    prefixes = List.copyOf(prefixes);
  }
}
