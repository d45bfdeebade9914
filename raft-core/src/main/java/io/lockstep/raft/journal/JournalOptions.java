package io.lockstep.raft.journal;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.identity.StorageId;

/**
 * How a journal is laid out and whose it is.
 *
 * @param owner what marks the log as this member's; two members never have the same
 * @param firstSegmentBytes the block of the segment that every start opens: small, so that restarts
 *     do not fill the disk
 * @param segmentBytes the block of every other segment, and with it the reserve on a full disk
 * @param recordBytesMax the largest record, head included; four fit any segment
 * @param mayBeNew whether a disk without any segment is a first start; otherwise the log was lost
 */
public record JournalOptions(
    Bytes owner, int firstSegmentBytes, int segmentBytes, int recordBytesMax, boolean mayBeNew) {
  /** The least that a segment's block may have. */
  public static final int BLOCK_BYTES_MIN = 64 << 10;

  private static final int BLOCK_BYTES_STEP = 4 << 10;

  public JournalOptions {
    checkBlock("firstSegmentBytes", firstSegmentBytes, recordBytesMax);
    checkBlock("segmentBytes", segmentBytes, recordBytesMax);
    if (recordBytesMax < 1024) {
      throw new IllegalArgumentException("recordBytesMax is at least 1024: " + recordBytesMax);
    }
    if (owner.isEmpty()) {
      throw new IllegalArgumentException("a log has an owner");
    }
  }

  /**
   * What a node uses: 12 MiB, then 64 MiB a segment; records of up to 1.75 MiB, since the largest
   * request has 1.5 MiB.
   */
  public static JournalOptions standard(Bytes owner, boolean mayBeNew) {
    return new JournalOptions(owner, 12 << 20, 64 << 20, 7 << 18, mayBeNew);
  }

  /** The same with other segments; the first of a start is never larger than the others. */
  public JournalOptions withSegmentBytes(int bytes) {
    int first = Math.min(firstSegmentBytes, bytes);
    return new JournalOptions(owner, first, bytes, recordBytesMax, mayBeNew);
  }

  /**
   * The longest payload that an entry may have. A longer one must be refused before it is proposed.
   */
  public int payloadBytesMax() {
    return recordBytesMax - RecordCodec.HEAD_BYTES;
  }

  /** The owner that a member's log is marked with. */
  public static Bytes owner(NodeId node, StorageId storage) {
    return new ByteWriter(64).text(node.text()).text(storage.text()).toBytes();
  }

  private static void checkBlock(String name, int blockBytes, int recordBytesMax) {
    if (blockBytes < BLOCK_BYTES_MIN || blockBytes % BLOCK_BYTES_STEP != 0) {
      throw new IllegalArgumentException(
          name + " is at least 64 KiB and a multiple of 4 KiB: " + blockBytes);
    }
    // Of a block, a store may use three quarters, less what it keeps there for itself.
    if (blockBytes * 5L / 8 < 4L * recordBytesMax) {
      throw new IllegalArgumentException(
          name + " must hold four records of " + recordBytesMax + " bytes: " + blockBytes);
    }
  }
}
