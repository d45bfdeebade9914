package io.lockstep.raft.sim;

import io.lockstep.raft.journal.AppendableSegment;
import io.lockstep.raft.journal.Segment;
import io.lockstep.raft.journal.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Segments that do as they are told, for a mistake to be put into one of the methods below. */
class PlantedStore implements SegmentStore {
  private final SegmentStore real;

  PlantedStore(SegmentStore real) {
    this.real = real;
  }

  void force(AppendableSegment segment) throws IOException {
    segment.force();
  }

  void rewrite(Segment segment, long from, long toExclusive) throws IOException {
    segment.rewrite(from, toExclusive);
  }

  @Override
  public long[] list() throws IOException {
    return real.list();
  }

  @Override
  public AppendableSegment create(long number, int blockBytes) throws IOException {
    return new OpenSegment(real.create(number, blockBytes));
  }

  @Override
  public Segment open(long number) throws IOException {
    return new ReadSegment(real.open(number));
  }

  @Override
  public void delete(long number) throws IOException {
    real.delete(number);
  }

  @Override
  public String describe(long number) {
    return real.describe(number);
  }

  @Override
  public void close() throws IOException {
    real.close();
  }

  private class ReadSegment implements Segment {
    private final Segment segment;

    ReadSegment(Segment segment) {
      this.segment = segment;
    }

    @Override
    public long number() {
      return segment.number();
    }

    @Override
    public long length() throws IOException {
      return segment.length();
    }

    @Override
    public int read(long position, ByteBuffer target) throws IOException {
      return segment.read(position, target);
    }

    @Override
    public void rewrite(long from, long toExclusive) throws IOException {
      PlantedStore.this.rewrite(segment, from, toExclusive);
    }

    @Override
    public void close() throws IOException {
      segment.close();
    }
  }

  private final class OpenSegment extends ReadSegment implements AppendableSegment {
    private final AppendableSegment segment;

    OpenSegment(AppendableSegment segment) {
      super(segment);
      this.segment = segment;
    }

    @Override
    public int remaining() {
      return segment.remaining();
    }

    @Override
    public int append(ByteBuffer records) throws IOException {
      return segment.append(records);
    }

    @Override
    public void force() throws IOException {
      PlantedStore.this.force(segment);
    }

    @Override
    public void seal() throws IOException {
      segment.seal();
    }
  }
}
