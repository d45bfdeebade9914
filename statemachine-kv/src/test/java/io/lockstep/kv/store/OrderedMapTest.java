package io.lockstep.kv.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.raft.bytes.ByteReader.Malformed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The persistent map against the platform's, over random histories, with every version kept. */
class OrderedMapTest {
  private static final int SEEDS = 60;

  private static OrderedMap<Integer, String> empty() {
    return OrderedMap.natural((key, value) -> new Digest(key).add(value).value());
  }

  private record Version(OrderedMap<Integer, String> map, TreeMap<Integer, String> expected) {}

  @Test
  void behavesAsASortedMapInEveryVersion() {
    for (int seed = 1; seed <= SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int range = random.nextInt(1, 4_000);
      TreeMap<Integer, String> expected = new TreeMap<>();
      OrderedMap<Integer, String> map = seed % 2 == 0 ? empty() : built(random, range, expected);
      List<Version> versions = new ArrayList<>();
      for (int step = 0; step < 3_000; step++) {
        map = change(map, expected, random, range, step);
        if (random.nextInt(300) == 0) {
          versions.add(new Version(map, new TreeMap<>(expected)));
        }
      }
      versions.add(new Version(map, expected));
      for (Version version : versions) {
        demandEqual(version, random, range, "seed " + seed);
      }
    }
  }

  /** Some entries to begin with, added in order. */
  private static OrderedMap<Integer, String> built(
      SplittableRandom random, int range, NavigableMap<Integer, String> expected) {
    OrderedMapBuilder<Integer, String> builder = empty().builder();
    int among = random.nextInt(1, 20);
    for (int key = 0; key < range; key++) {
      if (random.nextInt(among) == 0) {
        expected.put(key, "built " + key);
        builder.add(key, "built " + key);
      }
    }
    return builder.build();
  }

  @Test
  void aMapOfAnySizeIsBuiltInOrderAndOnlyInOrder() {
    for (int size = 0; size < 3_000; size += size < 70 ? 1 : 131) {
      TreeMap<Integer, String> expected = new TreeMap<>();
      OrderedMapBuilder<Integer, String> builder = empty().builder();
      for (int key = 0; key < size; key++) {
        expected.put(key, "v");
        builder.add(key, "v");
      }
      demandEqual(
          new Version(builder.build(), expected), new SplittableRandom(size), size, "" + size);
    }
    OrderedMapBuilder<Integer, String> builder = empty().builder();
    builder.add(5, "v");
    assertThrows(Malformed.class, () -> builder.add(5, "v"));
    assertThrows(Malformed.class, () -> builder.add(4, "v"));
  }

  private static OrderedMap<Integer, String> change(
      OrderedMap<Integer, String> map,
      NavigableMap<Integer, String> expected,
      SplittableRandom random,
      int range,
      int step) {
    int kind = random.nextInt(100);
    int key = kind < 20 ? step + range : random.nextInt(range);
    if (kind < 60) {
      expected.put(key, "v" + step);
      return map.put(key, "v" + step);
    }
    if (kind < 99) {
      Integer first = expected.isEmpty() ? null : expected.firstKey();
      int gone = kind < 70 && first != null ? first : key;
      boolean absent = expected.remove(gone) == null;
      OrderedMap<Integer, String> changed = map.remove(gone);
      if (absent) {
        assertSame(map, changed, "nothing to remove changes nothing");
      }
      return changed;
    }
    int cut = random.nextInt(range / 4 + 1);
    expected.headMap(cut).clear();
    return map.from(cut);
  }

  private static void demandEqual(
      Version version, SplittableRandom random, int range, String seed) {
    OrderedMap<Integer, String> map = version.map();
    TreeMap<Integer, String> expected = version.expected();
    assertEquals(expected.size(), map.size(), seed);
    List<Map.Entry<Integer, String>> walked = new ArrayList<>();
    MapCursor<Integer, String> cursor = map.cursor();
    for (var entry = cursor.next(); entry != null; entry = cursor.next()) {
      walked.add(Map.entry(entry.key(), entry.value()));
    }
    assertNull(cursor.next(), "the end is the end");
    assertEquals(List.copyOf(expected.entrySet()), walked, seed);
    assertEquals(expected.isEmpty() ? null : expected.firstKey(), map.firstKey(), seed);
    assertEquals(expected.isEmpty() ? null : expected.lastKey(), map.lastKey(), seed);
    for (int i = 0; i < 50; i++) {
      int key = random.nextInt(-1, range + 3_000);
      assertEquals(expected.get(key), map.get(key), seed);
      assertEquals(expected.headMap(key).size(), map.rank(key), seed);
      assertEquals(expected.ceilingKey(key), map.cursor(key).nextKey(), seed);
    }
    demandSameDigest(expected, map, seed);
  }

  /** The digest depends on the entries and not on how the map came about. */
  private static void demandSameDigest(
      NavigableMap<Integer, String> expected, OrderedMap<Integer, String> map, String seed) {
    OrderedMap<Integer, String> rebuilt = empty();
    for (var entry : expected.descendingMap().entrySet()) {
      rebuilt = rebuilt.put(entry.getKey(), entry.getValue());
    }
    assertEquals(rebuilt.digest(), map.digest(), seed);
  }

  @Test
  void appendingLeavesFullNodesBehind() {
    OrderedMap<Integer, String> map = empty();
    for (int i = 0; i < 100_000; i++) {
      map = map.put(i, "v");
    }
    assertEquals(100_000, map.size());
    for (int i = 0; i < 99_990; i++) {
      map = map.remove(i);
    }
    assertEquals(10, map.size());
    assertEquals(99_990, map.firstKey());
  }
}
