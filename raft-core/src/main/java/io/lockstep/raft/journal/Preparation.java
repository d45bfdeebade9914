package io.lockstep.raft.journal;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The making of one segment, on whatever thread comes first: the background's, or the log thread's
 * once it can go on no more without the segment. Made by the log thread.
 */
final class Preparation implements Runnable {
  private final SegmentStore store;
  private final long number;
  private final int blockBytes;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable Result result;

  /** What became of it. */
  sealed interface Result {
    record Ready(AppendableSegment segment) implements Result {}

    record NoSpace() implements Result {}

    record Failed(IOException cause) implements Result {}
  }

  Preparation(SegmentStore store, long number, int blockBytes) {
    this.store = store;
    this.number = number;
    this.blockBytes = blockBytes;
  }

  /** Makes the segment, unless another thread has begun to. */
  @Override
  public void run() {
    if (begun.compareAndSet(false, true)) {
      // Stands if an error, such as too little memory, leaves this method: nobody waits for ever.
      Result made = new Result.Failed(new IOException("segment " + number + " was not made"));
      try {
        made = make();
      } finally {
        result = made;
        ended.countDown();
      }
    }
  }

  /** What became of it so far; null while it is not decided. */
  @Nullable Result result() {
    return result;
  }

  /** Makes the segment here and now, or waits for the thread that is about it. */
  Result finish() throws IOException {
    run();
    return await();
  }

  /** Sees to it that no thread is or will be about it; null if nothing was begun. */
  @Nullable Result cancel() throws IOException {
    return begun.compareAndSet(false, true) ? null : await();
  }

  private Result await() throws IOException {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("while a segment was made").initCause(e);
    }
    return Objects.requireNonNull(result, "what has ended has a result");
  }

  private Result make() {
    try {
      return new Result.Ready(store.create(number, blockBytes));
    } catch (NoSpaceException e) {
      return new Result.NoSpace();
    } catch (IOException e) {
      return new Result.Failed(e);
    } catch (RuntimeException | InternalError e) {
      return new Result.Failed(new IOException("segment " + number + " could not be made", e));
    }
  }
}
