package io.lockstep.raft.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The bytes of one block: as processes see them, and as a power cut would leave them. */
final class SimFile {
  private static final int SECTOR = 512;

  final long number;

  /** As processes see them. */
  private final byte[] bytes;

  /** What has certainly reached the disk. */
  private final byte[] stable;

  private final List<Range> dirty = new ArrayList<>();

  /** What a failed force should have written: readable, and no later force writes it. */
  private final List<Range> lost = new ArrayList<>();

  SimFile(long number, int blockBytes) {
    this.number = number;
    bytes = new byte[blockBytes];
    stable = new byte[blockBytes];
  }

  private record Range(int from, int toExclusive) {}

  int length() {
    return bytes.length;
  }

  byte[] bytes() {
    return bytes;
  }

  void write(int position, byte[] data) {
    System.arraycopy(data, 0, bytes, position, data.length);
    Range range = new Range(position, position + data.length);
    dirty.add(range);
    lost.removeIf(other -> other.from >= range.from && other.toExclusive <= range.toExclusive);
  }

  /** What would be there after a loss of power in which nothing more was written. */
  SimFile stableCopy() {
    SimFile copy = new SimFile(number, bytes.length);
    System.arraycopy(stable, 0, copy.bytes, 0, stable.length);
    System.arraycopy(stable, 0, copy.stable, 0, stable.length);
    return copy;
  }

  /** The bytes from {@code from} on are others, in the memory of the system as on the disk. */
  void rot(int from, byte[] others) {
    System.arraycopy(others, 0, bytes, from, others.length);
    System.arraycopy(others, 0, stable, from, others.length);
  }

  /** What is on the disk at a place. */
  byte[] stable(int from, int length) {
    return Arrays.copyOfRange(stable, from, Math.min(stable.length, from + length));
  }

  void force() {
    for (Range range : dirty) {
      System.arraycopy(bytes, range.from, stable, range.from, range.toExclusive - range.from);
    }
    dirty.clear();
  }

  void failForce() {
    lost.addAll(dirty);
    dirty.clear();
  }

  /** The power fails: of what was not forced any part may be lost. */
  void cutPower(Chance chance) {
    boolean[] unsettled = new boolean[bytes.length / SECTOR + 1];
    dirty.addAll(lost);
    for (Range range : dirty) {
      int last = (range.toExclusive - 1) / SECTOR;
      Arrays.fill(unsettled, range.from / SECTOR, last + 1, true);
    }
    keepSome(chance, unsettled);
    dirty.clear();
    lost.clear();
    System.arraycopy(stable, 0, bytes, 0, bytes.length);
  }

  /** Writes none, all, the first, or any of the unsettled sectors; some are torn. */
  private void keepSome(Chance chance, boolean[] unsettled) {
    int way = chance.below(4);
    int first = chance.below(8);
    int seen = 0;
    for (int sector = 0; sector < unsettled.length; sector++) {
      if (!unsettled[sector]) {
        continue;
      }
      boolean keep =
          switch (way) {
            case 0 -> false;
            case 1 -> true;
            case 2 -> seen++ < first;
            default -> chance.oneIn(2);
          };
      if (keep) {
        int from = sector * SECTOR;
        int length = Math.min(SECTOR, bytes.length - from);
        int whole = chance.oneIn(8) ? chance.below(length + 1) : length;
        System.arraycopy(bytes, from, stable, from, whole);
      }
    }
  }
}
