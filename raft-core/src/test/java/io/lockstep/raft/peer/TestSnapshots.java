package io.lockstep.raft.peer;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The snapshot files of one node, in memory, and what befalls them. */
final class TestSnapshots {
  static final SnapshotMeta META =
      new SnapshotMeta(
          new EntryId(3, 1234), 5_678, new Membership(List.of(Members.N1, Members.N2, Members.N3)));

  /** The thread that owns them. */
  final ExecutorService files =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("files").factory());

  /** What happened, in order. */
  final List<String> trace = new CopyOnWriteArrayList<>();

  /** What came in since the last snapshot was announced. */
  final List<Bytes> stored = Collections.synchronizedList(new ArrayList<>());

  final AtomicLong storedBytes = new AtomicLong();

  /** Whether any is taken. */
  volatile boolean wanted = true;

  /** At this chunk the disk fails; at -1 when it is finished. */
  volatile int failsAt = Integer.MAX_VALUE;

  /** Storing waits for this. */
  volatile CountDownLatch gate = new CountDownLatch(0);

  @Nullable SnapshotSink onSnapshot(NodeId from, long term, SnapshotMeta meta) {
    if (!wanted) {
      return null;
    }
    trace.add("open " + from + " " + term + " " + meta.last().index());
    stored.clear();
    return new Sink();
  }

  void onReceived() {
    trace.add("received");
  }

  /** How often a step of this kind happened. */
  long count(String step) {
    return trace.stream().filter(line -> line.startsWith(step)).count();
  }

  private final class Sink implements SnapshotSink {
    private int chunks;

    @Override
    public void put(Bytes chunk) throws IOException {
      if (!Thread.currentThread().getName().startsWith("files")) {
        throw new IllegalStateException("files are touched by " + Thread.currentThread());
      }
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
      if (chunks++ == failsAt) {
        throw new IOException("Input/output error");
      }
      stored.add(chunk);
      storedBytes.addAndGet(chunk.length());
    }

    @Override
    public void finish() throws IOException {
      if (failsAt == -1) {
        throw new IOException("Input/output error");
      }
      trace.add("finish");
    }

    @Override
    public void abort() {
      trace.add("abort");
    }
  }

  /** A snapshot of so many chunks, which damage may cut short. */
  static final class Source implements SnapshotSource {
    final SnapshotMeta meta;
    final AtomicLong readBytes = new AtomicLong();
    final CountDownLatch closed = new CountDownLatch(1);
    private final Random random;
    private final int bytesMax;
    private final int damagedAt;
    private int left;

    Source(int chunks, int bytesMax, int damagedAt) {
      this(META, chunks, bytesMax, damagedAt);
    }

    Source(SnapshotMeta meta, int chunks, int bytesMax, int damagedAt) {
      this.meta = meta;
      this.random = new Random(chunks);
      this.left = chunks;
      this.bytesMax = bytesMax;
      this.damagedAt = damagedAt;
    }

    @Override
    public SnapshotMeta meta() {
      return meta;
    }

    @Override
    public @Nullable Bytes next() throws IOException {
      if (left == damagedAt) {
        throw new IOException("the snapshot is damaged");
      }
      if (left == 0) {
        return null;
      }
      left--;
      byte[] chunk = new byte[1 + random.nextInt(bytesMax)];
      random.nextBytes(chunk);
      readBytes.addAndGet(chunk.length);
      return Bytes.wrap(chunk);
    }

    @Override
    public void close() {
      closed.countDown();
    }

    /** All chunks of a snapshot like this one. */
    static List<Bytes> chunks(int count, int bytesMax) throws IOException {
      List<Bytes> all = new ArrayList<>();
      try (Source source = new Source(count, bytesMax, -1)) {
        for (Bytes chunk = source.next(); chunk != null; chunk = source.next()) {
          all.add(chunk);
        }
      }
      return all;
    }
  }
}
