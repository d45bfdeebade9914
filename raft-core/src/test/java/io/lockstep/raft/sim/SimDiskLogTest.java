package io.lockstep.raft.sim;

import io.lockstep.raft.journal.AppendableSegment;
import io.lockstep.raft.journal.JournalDisk;
import io.lockstep.raft.journal.LogCompactionContract;
import io.lockstep.raft.journal.Segment;
import io.lockstep.raft.journal.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The journal on the simulator's disk. */
class SimDiskLogTest extends LogCompactionContract {
  @Override
  protected JournalDisk newDisk() {
    SimDisk disk = new SimDisk(new Simulation(1, null), new Chance(1), 1_000);
    SimProcess process = new SimProcess(0, 1);
    return new JournalDisk() {
      @Override
      public SegmentStore open() {
        return disk.segments(process);
      }

      @Override
      public byte[] bytes(long segment) throws IOException {
        Segment opened = open().open(segment);
        ByteBuffer bytes = ByteBuffer.allocate((int) opened.length());
        opened.read(0, bytes);
        return bytes.array();
      }

      @Override
      public void overwrite(long segment, int position, byte[] bytes) throws IOException {
        byte[] all = bytes(segment);
        System.arraycopy(bytes, 0, all, position, bytes.length);
        // What a process opens it appends to from the beginning on.
        ((AppendableSegment) open().open(segment)).append(ByteBuffer.wrap(all));
      }

      @Override
      public void truncate(long segment, int length) {
        throw new UnsupportedOperationException("blocks here keep their length");
      }
    };
  }
}
