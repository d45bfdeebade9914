package io.lockstep.kv.store;

import java.util.List;

/**
 * A page of keys at one revision, in key order.
 *
 * @param more whether there are keys after the last of {@code items}
 * @param count of all keys that match, on this page or not
 */
public record RangePage(List<KeyRecord> items, boolean more, long count) {
  public RangePage {
    items = List.copyOf(items);
  }
}
