package io.lockstep.kv.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.result.KeyMeta;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ranges, pages and listings of keys. */
class KeySpaceTest {
  private static KeySpace of(String... keys) {
    KeySpace space = KeySpace.EMPTY;
    for (String key : keys) {
      space = space.put(record(Bytes.utf8(key)), space.get(Bytes.utf8(key)));
    }
    return space;
  }

  private static KeyRecord record(Bytes key) {
    return new KeyRecord(key, Bytes.utf8("v"), "", new KeyMeta(2, 2, 1, null));
  }

  private static List<String> texts(List<Bytes> keys) {
    return keys.stream().map(Bytes::utf8).toList();
  }

  @Test
  void aPageCountsAllAndStopsAtItsLimits() {
    KeySpace space = of("a/1", "a/2", "a/3", "b");
    RangePage page = space.range(Bytes.utf8("a/"), null, 2, 1_000);
    assertEquals(2, page.items().size());
    assertTrue(page.more());
    assertEquals(3, page.count());
    RangePage rest = space.range(Bytes.utf8("a/"), Bytes.utf8("a/2"), 2, 1_000);
    assertEquals("a/3", rest.items().getFirst().key().utf8());
    assertFalse(rest.more());
    RangePage bytes = space.range(Bytes.utf8("a/"), null, 10, 1);
    assertEquals(1, bytes.items().size(), "one item is given even if it is more than allowed");
    assertTrue(bytes.more());
  }

  @Test
  void aPrefixOfHighBytesHasNoEnd() {
    Bytes high = Bytes.wrap(new byte[] {(byte) 0xff, (byte) 0xff});
    Bytes key = Bytes.wrap(new byte[] {(byte) 0xff, (byte) 0xff, 1});
    KeySpace space = of("a").put(record(key), null);
    assertEquals(1, space.count(high));
    assertEquals(1, space.count(Bytes.wrap(new byte[] {(byte) 0xff})));
    assertEquals(2, space.count(Bytes.EMPTY));
    assertEquals(List.of(key), space.list(high, Bytes.EMPTY, null, 9).keys());
  }

  @Test
  void namesBelowADelimiterAreDrawnTogether() {
    KeySpace space = of("app", "app/a", "app/b/1", "app/b/2", "app/c", "app/d/e/f", "b");
    KeyListing listing = space.list(Bytes.utf8("app/"), Bytes.utf8("/"), null, 100);
    assertEquals(List.of("app/a", "app/c"), texts(listing.keys()));
    assertEquals(List.of("app/b/", "app/d/"), texts(listing.prefixes()));
    assertNull(listing.next());
  }

  @Test
  void listingsComeInPages() {
    KeySpace space = of("a", "b/1", "b/2", "c", "d/1", "e");
    List<String> seen = new ArrayList<>();
    Bytes after = null;
    do {
      KeyListing page = space.list(Bytes.EMPTY, Bytes.utf8("/"), after, 2);
      seen.addAll(texts(page.keys()));
      seen.addAll(texts(page.prefixes()));
      after = page.next();
    } while (after != null);
    assertEquals(List.of("a", "b/", "c", "d/", "e"), seen);
    assertEquals(
        List.of("a", "b/1", "b/2", "c", "d/1", "e"),
        texts(space.list(Bytes.EMPTY, Bytes.EMPTY, null, 100).keys()));
  }

  @Test
  void weightFollowsTheRecords() {
    KeySpace space = of("a", "b");
    long both = space.weightBytes();
    KeyRecord a = space.get(Bytes.utf8("a"));
    assertEquals(both - a.weightBytes(), space.remove(a).weightBytes());
    assertEquals(both, space.put(a, a).weightBytes());
    assertEquals(0, of().weightBytes());
  }
}
