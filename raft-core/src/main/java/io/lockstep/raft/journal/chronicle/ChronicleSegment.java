package io.lockstep.raft.journal.chronicle;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.journal.AppendableSegment;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.FileBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Objects;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * A queue that this process has made. Chronicle writes through a mapping of the queue's one file; a
 * channel of our own on the same file reads, and forces all that the mapping has dirtied.
 * (Chronicle's own sync flushes the current chunk only, and swallows errors.)
 *
 * <p>A mapped store that fails, as on a full or broken disk, is an {@link InternalError}: an {@link
 * IOException} here.
 */
final class ChronicleSegment implements AppendableSegment {
  /** Every so many messages Chronicle puts one into its index, which nothing here reads. */
  private static final int INDEX_SPACING = 64;

  private final ChronicleQueue queue;
  private final ExcerptAppender appender;
  private final FileBlock block;
  private final int limit;

  /** What Chronicle may add to a message: its length, padding, and pages of its index at times. */
  private final int overhead;

  private int position;

  private ChronicleSegment(
      ChronicleQueue queue,
      ExcerptAppender appender,
      FileBlock block,
      int blockBytes,
      int position) {
    this.queue = queue;
    this.appender = appender;
    this.block = block;
    this.limit = blockBytes / 4 * 3;
    this.overhead = 64 + 2 * Long.BYTES * indexCount(blockBytes);
    this.position = position;
  }

  /** Makes a queue in {@code directory}, with real blocks, forced. */
  static ChronicleSegment create(Path directory, long number, int blockBytes, Disk disk)
      throws IOException {
    ChronicleQueue queue = null;
    FileBlock block = null;
    try {
      queue =
          ChronicleQueue.singleBuilder(directory)
              .rollCycle(RollCycles.FAST_DAILY)
              .timeProvider(() -> 0L)
              .blockSize(blockBytes)
              .indexCount(indexCount(blockBytes))
              .indexSpacing(INDEX_SPACING)
              .build();
      ExcerptAppender appender = queue.createAppender();
      // Handed over once, from the thread that prepares to the log thread.
      appender.singleThreadedCheckDisabled(true);
      byte[] title = ("lockstep log segment " + number).getBytes(StandardCharsets.US_ASCII);
      int end = write(appender, title, 0, title.length) + title.length;
      FileChannel channel = open(directory, "*.cq4", disk);
      block = new FileBlock(number, channel);
      int filled = (end + Disk.ZERO_FILL_BYTES) / Disk.ZERO_FILL_BYTES * Disk.ZERO_FILL_BYTES;
      block.rewrite(0, Math.min(filled, channel.size()));
      disk.zeroFill(channel, filled, channel.size());
      channel.force(true);
      try (FileChannel metadata = open(directory, "metadata.*", disk)) {
        metadata.force(true);
      }
      return new ChronicleSegment(queue, appender, block, blockBytes, end);
    } catch (IOException | RuntimeException | InternalError e) {
      if (block != null) {
        block.close();
      }
      if (queue != null) {
        queue.close();
      }
      throw e instanceof IOException io
          ? io
          : new IOException("Chronicle could not make a queue in " + directory, e);
    }
  }

  /** The least square index that has room for messages of the smallest record. */
  private static int indexCount(int blockBytes) {
    int count = 8;
    while (count * count * INDEX_SPACING < blockBytes / 64) {
      count *= 2;
    }
    return count;
  }

  private static FileChannel open(Path directory, String glob, Disk disk) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
      for (Path file : files) {
        return disk.open(file, EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
      }
    }
    throw new IOException("Chronicle made no file " + glob + " in " + directory);
  }

  @Override
  public int remaining() {
    return Math.max(0, limit - position - overhead) & -Long.BYTES;
  }

  @Override
  public int append(ByteBuffer records) throws IOException {
    int bytes = records.remaining();
    Invariant.check(bytes <= remaining(), "an append fits", bytes, remaining());
    try {
      int at = write(appender, records.array(), records.arrayOffset() + records.position(), bytes);
      records.position(records.limit());
      position = at + bytes;
      return at;
    } catch (RuntimeException | InternalError e) {
      throw new IOException("Chronicle could not append to segment " + number(), e);
    }
  }

  private static int write(ExcerptAppender appender, byte[] source, int from, int length) {
    try (DocumentContext document = appender.writingDocument()) {
      Bytes<?> bytes = Objects.requireNonNull(document.wire()).bytes();
      int at = Math.toIntExact(bytes.writePosition());
      bytes.write(source, from, length);
      return at;
    }
  }

  @Override
  public void force() throws IOException {
    block.force();
  }

  @Override
  public void seal() {
    position = limit;
    appender.close();
    queue.close();
  }

  @Override
  public long number() {
    return block.number();
  }

  @Override
  public long length() throws IOException {
    return block.length();
  }

  @Override
  public int read(long from, ByteBuffer target) throws IOException {
    return block.read(from, target);
  }

  @Override
  public void rewrite(long from, long toExclusive) throws IOException {
    block.rewrite(from, toExclusive);
  }

  @Override
  public void close() throws IOException {
    seal();
    block.close();
  }
}
