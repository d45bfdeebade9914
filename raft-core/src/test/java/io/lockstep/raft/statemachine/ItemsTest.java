package io.lockstep.raft.statemachine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Items of any length, over chunks of bounded length. */
class ItemsTest {
  private static ChunkSource source(List<Bytes> chunks) {
    Iterator<Bytes> rest = chunks.iterator();
    return () -> rest.hasNext() ? rest.next() : null;
  }

  private static List<Bytes> written(List<Bytes> items) throws IOException {
    List<Bytes> chunks = new ArrayList<>();
    ItemWriter writer = new ItemWriter(chunks::add);
    for (Bytes item : items) {
      writer.begin().bytes(item);
      writer.end();
    }
    writer.flush();
    return chunks;
  }

  private static void read(ItemReader reader, List<Bytes> expected) throws IOException {
    for (Bytes item : expected) {
      ByteReader in = reader.next();
      assertEquals(item, in.bytes());
      in.end();
    }
    reader.end();
  }

  private static Bytes random(SplittableRandom random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  @Test
  void itemsOfAnyLengthComeBackOverChunksOfBoundedLength() throws IOException {
    for (int seed = 1; seed <= 40; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Bytes> items = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        boolean large = random.nextInt(50) == 0;
        items.add(random(random, random.nextInt(large ? 3 << 20 : 2_000)));
      }
      List<Bytes> chunks = written(items);
      for (Bytes chunk : chunks) {
        assertTrue(!chunk.isEmpty() && chunk.length() <= ChunkSink.CHUNK_BYTES_MAX);
      }
      assertEquals(chunks, written(items), "the same items make the same chunks");
      read(new ItemReader(source(chunks)), items);
    }
  }

  @Test
  void itDoesNotMatterWhereChunksEnd() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    List<Bytes> items = List.of(random(random, 5_000), Bytes.EMPTY, random(random, 300_000));
    ByteWriter all = new ByteWriter(310_000);
    written(items).forEach(chunk -> all.raw(chunk.toArray(), 0, chunk.length()));
    List<Bytes> chunks = new ArrayList<>();
    int from = 0;
    while (from < all.size()) {
      int toExclusive = Math.min(all.size(), from + random.nextInt(1, 700));
      chunks.add(Bytes.copyOf(all.array(), from, toExclusive));
      from = toExclusive;
    }
    read(new ItemReader(source(chunks)), items);
  }

  @Test
  void whatIsCutShortOrTooLongIsRefused() throws IOException {
    List<Bytes> items = List.of(Bytes.utf8("one"), Bytes.utf8("two"));
    Bytes whole = written(items).getFirst();
    for (int length = 1; length < whole.length(); length++) {
      ItemReader reader = new ItemReader(source(List.of(whole.slice(0, length))));
      assertThrows(UnreadableSnapshotException.class, () -> read(reader, items));
    }
    ItemReader more = new ItemReader(source(List.of(whole, Bytes.utf8("x"))));
    assertThrows(UnreadableSnapshotException.class, () -> read(more, items));
    ItemReader nothing = new ItemReader(source(List.of(Bytes.EMPTY)));
    assertThrows(UnreadableSnapshotException.class, nothing::next);
    ItemReader tooLong =
        new ItemReader(source(List.of(Bytes.wrap(new byte[ChunkSink.CHUNK_BYTES_MAX + 1]))));
    assertThrows(UnreadableSnapshotException.class, tooLong::next);
  }

  @Test
  void aLengthThatIsOnlyClaimedIsRefused() {
    for (int claimed : new int[] {ItemWriter.ITEM_BYTES_MAX, Integer.MAX_VALUE, -1, 1 << 31}) {
      Bytes chunk = new ByteWriter(8).i32(claimed).i32(7).toBytes();
      ItemReader reader = new ItemReader(source(List.of(chunk)));
      assertThrows(UnreadableSnapshotException.class, reader::next);
    }
  }
}
