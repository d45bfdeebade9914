package io.lockstep.raft.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/**
 * A disk in memory whose processes can be killed at any operation, whose power can be cut, and
 * whose forces can fail as they do in Linux: what such a force should have written can be read and
 * is written by no later force.
 */
final class MemoryDisk implements JournalDisk {
  private static final int SECTOR = 512;

  private final Map<Long, Block> blocks = new TreeMap<>();
  private final Random random;
  private int operationsLeft = Integer.MAX_VALUE;
  private int forcesLeft = Integer.MAX_VALUE;

  /** What ends a process at an operation; no code of the journal may catch it. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static final class Block {
    /** As processes see it. */
    byte[] bytes;

    /** What has certainly reached the disk. */
    byte[] stable;

    /** Sectors that the next force writes. */
    final boolean[] dirty;

    /** Sectors that a failed force has not written. */
    final boolean[] lost;

    Block(int length) {
      bytes = new byte[length];
      stable = new byte[length];
      dirty = new boolean[length / SECTOR];
      lost = new boolean[length / SECTOR];
    }
  }

  MemoryDisk(Random random) {
    this.random = random;
  }

  /** The process dies instead of its {@code operations}th operation from now. */
  void killAfter(int operations) {
    operationsLeft = operations;
  }

  /** The {@code forces}th force from now fails, and all after it until the process is gone. */
  void failForceAfter(int forces) {
    forcesLeft = forces;
  }

  /** The process is gone; what it wrote can be read by the next. */
  void kill() {
    operationsLeft = Integer.MAX_VALUE;
    forcesLeft = Integer.MAX_VALUE;
  }

  /** The power fails: of what was not forced any part reaches the disk, any sector may be torn. */
  void cutPower() {
    kill();
    for (Block block : blocks.values()) {
      int way = random.nextInt(3);
      for (int sector = 0; sector < block.dirty.length; sector++) {
        boolean unsettled = block.dirty[sector] || block.lost[sector];
        if (unsettled && (way == 0 || way == 1 && random.nextBoolean())) {
          int torn = random.nextInt(6) == 0 ? random.nextInt(SECTOR) : SECTOR;
          System.arraycopy(block.bytes, sector * SECTOR, block.stable, sector * SECTOR, torn);
        }
        block.dirty[sector] = false;
        block.lost[sector] = false;
      }
      block.bytes = block.stable.clone();
    }
  }

  @Override
  public SegmentStore open() {
    return new Store();
  }

  @Override
  public byte[] bytes(long segment) {
    return block(segment).bytes.clone();
  }

  @Override
  public void overwrite(long segment, int position, byte[] bytes) {
    System.arraycopy(bytes, 0, block(segment).bytes, position, bytes.length);
  }

  @Override
  public void truncate(long segment, int length) {
    Block block = block(segment);
    block.bytes = Arrays.copyOf(block.bytes, length);
    block.stable = Arrays.copyOf(block.stable, length);
  }

  private Block block(long segment) {
    return Objects.requireNonNull(blocks.get(segment), "segment " + segment);
  }

  private void operate() {
    if (--operationsLeft < 0) {
      throw new Killed();
    }
  }

  private final class Store implements SegmentStore {
    @Override
    public long[] list() {
      return blocks.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public AppendableSegment create(long number, int blockBytes) {
      operate();
      blocks.put(number, new Block(blockBytes));
      return new Opened(number);
    }

    @Override
    public Segment open(long number) {
      return new Opened(number);
    }

    @Override
    public void delete(long number) {
      operate();
      blocks.remove(number);
    }

    @Override
    public String describe(long number) {
      return "segment " + number + " in memory";
    }

    @Override
    public void close() {}
  }

  private final class Opened implements AppendableSegment {
    private final long number;
    private final Block block;
    private int end;

    Opened(long number) {
      this.number = number;
      this.block = block(number);
    }

    @Override
    public int remaining() {
      return block.bytes.length - end;
    }

    @Override
    public int append(ByteBuffer records) {
      operate();
      int at = end;
      int bytes = records.remaining();
      records.get(block.bytes, at, bytes);
      soil(at, at + bytes);
      end += bytes;
      return at;
    }

    private void soil(int from, int toExclusive) {
      for (int sector = from / SECTOR; sector * SECTOR < toExclusive; sector++) {
        block.dirty[sector] = true;
      }
    }

    @Override
    public void force() throws IOException {
      operate();
      boolean fails = --forcesLeft < 0;
      for (int sector = 0; sector < block.dirty.length; sector++) {
        if (block.dirty[sector] && fails) {
          block.lost[sector] = true;
        } else if (block.dirty[sector]) {
          System.arraycopy(block.bytes, sector * SECTOR, block.stable, sector * SECTOR, SECTOR);
          block.lost[sector] = false;
        }
        block.dirty[sector] = false;
      }
      if (fails) {
        throw new IOException("Input/output error");
      }
    }

    @Override
    public void rewrite(long from, long toExclusive) throws IOException {
      operate();
      soil((int) from, (int) toExclusive);
      force();
    }

    @Override
    public void seal() {
      end = block.bytes.length;
    }

    @Override
    public long number() {
      return number;
    }

    @Override
    public long length() {
      return block.bytes.length;
    }

    @Override
    public int read(long position, ByteBuffer target) {
      int bytes = Math.clamp(block.bytes.length - position, 0, target.remaining());
      target.put(block.bytes, (int) position, bytes);
      return bytes;
    }

    @Override
    public void close() {}
  }
}
