package io.lockstep.raft.journal.chronicle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.journal.AppendableSegment;
import io.lockstep.raft.journal.SegmentStore;
import io.lockstep.raft.journal.file.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.wire.DocumentContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the journal relies on in Chronicle Queue, of the version that is used. */
class ChronicleQueueTest {
  @TempDir private Path directory;

  @Test
  void appendsLieInTheFileWhereTheyAreSaidToLie() throws IOException {
    Random random = new Random(1);
    try (SegmentStore store = new ChronicleSegmentStore(directory, Disk.LOCAL);
        AppendableSegment segment = store.create(1, 256 << 10)) {
      int appends = 0;
      int end = 0;
      while (segment.remaining() >= 8) {
        byte[] bytes = new byte[8 + 8 * random.nextInt(Math.min(segment.remaining() / 8, 60))];
        random.nextBytes(bytes);
        int at = segment.append(ByteBuffer.wrap(bytes));
        assertTrue(at >= end, "behind all that was appended before");
        assertEquals(0, at % 4, "a multiple of four");
        end = at + bytes.length;
        byte[] found = new byte[bytes.length];
        segment.read(at, ByteBuffer.wrap(found));
        assertArrayEquals(bytes, found, "append " + appends);
        appends++;
      }
      assertTrue(appends > 500, "appends: " + appends);
      assertTrue(end <= 192 << 10, "the last quarter of the block stays free: " + end);
    }
  }

  @Test
  void theQueueCanBeReadAsAQueue() throws IOException {
    byte[] bytes = new byte[64];
    Arrays.fill(bytes, (byte) 7);
    try (SegmentStore store = new ChronicleSegmentStore(directory, Disk.LOCAL);
        AppendableSegment segment = store.create(12, 64 << 10)) {
      segment.append(ByteBuffer.wrap(bytes));
    }
    try (ChronicleQueue queue =
            ChronicleQueue.singleBuilder(directory.resolve("0000000012"))
                .rollCycle(RollCycles.FAST_DAILY)
                .readOnly(true)
                .build();
        ExcerptTailer tailer = queue.createTailer()) {
      byte[] title = "lockstep log segment 12".getBytes(StandardCharsets.US_ASCII);
      assertArrayEquals(title, next(tailer));
      assertArrayEquals(bytes, next(tailer));
    }
  }

  private static byte[] next(ExcerptTailer tailer) {
    try (DocumentContext document = tailer.readingDocument()) {
      assertTrue(document.isPresent(), "one more message");
      Bytes<?> bytes = document.wire().bytes();
      byte[] found = new byte[(int) bytes.readRemaining()];
      bytes.read(found);
      return found;
    }
  }

  @Test
  void theCycleIsFrozenAndTheFileKeepsItsLength() throws IOException {
    try (SegmentStore store = new ChronicleSegmentStore(directory, Disk.LOCAL)) {
      AppendableSegment segment = store.create(1, 64 << 10);
      long length = segment.length();
      while (segment.remaining() >= 512) {
        segment.append(ByteBuffer.wrap(new byte[512]));
      }
      segment.seal();
      assertEquals(0, segment.remaining());
      assertEquals(length, segment.length());
      segment.close();
    }
    try (Stream<Path> files = Files.list(directory.resolve("0000000001"))) {
      assertEquals(
          List.of("19700101F.cq4", "metadata.cq4t"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }
}
