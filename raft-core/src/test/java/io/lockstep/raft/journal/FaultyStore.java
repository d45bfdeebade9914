package io.lockstep.raft.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A store whose process can be killed, whose forces can fail, and whose disk can be full. */
public final class FaultyStore implements SegmentStore {
  private final SegmentStore store;

  /** From now on nothing is done any more; what is open is still closed. */
  volatile boolean dead;

  volatile boolean forcesFail;
  volatile boolean full;
  int forces;

  /** The process dies instead of the one after so many more operations. */
  int operationsLeft = Integer.MAX_VALUE;

  final List<Rewrite> rewrites = new ArrayList<>();

  record Rewrite(long segment, long from, long toExclusive) {}

  FaultyStore(SegmentStore store) {
    this.store = store;
  }

  private void checkAlive() throws IOException {
    if (--operationsLeft < 0) {
      dead = true;
    }
    if (dead) {
      throw new IOException("killed");
    }
  }

  @Override
  public long[] list() throws IOException {
    return store.list();
  }

  @Override
  public AppendableSegment create(long number, int blockBytes) throws IOException {
    checkAlive();
    if (full) {
      throw new NoSpaceException("full");
    }
    return new Faulty(store.create(number, blockBytes));
  }

  @Override
  public Segment open(long number) throws IOException {
    return new Watched(store.open(number));
  }

  @Override
  public void delete(long number) throws IOException {
    checkAlive();
    store.delete(number);
  }

  @Override
  public String describe(long number) {
    return store.describe(number);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  private class Watched implements Segment {
    private final Segment segment;

    Watched(Segment segment) {
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
      checkAlive();
      rewrites.add(new Rewrite(number(), from, toExclusive));
      segment.rewrite(from, toExclusive);
    }

    @Override
    public void close() throws IOException {
      segment.close();
    }
  }

  private final class Faulty extends Watched implements AppendableSegment {
    private final AppendableSegment segment;

    Faulty(AppendableSegment segment) {
      super(segment);
      this.segment = segment;
    }

    @Override
    public int remaining() {
      return segment.remaining();
    }

    @Override
    public int append(ByteBuffer records) throws IOException {
      checkAlive();
      return segment.append(records);
    }

    @Override
    public void force() throws IOException {
      checkAlive();
      forces++;
      if (forcesFail) {
        throw new IOException("Input/output error");
      }
      segment.force();
    }

    @Override
    public void seal() throws IOException {
      segment.seal();
    }
  }
}
