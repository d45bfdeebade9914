package io.lockstep.raft.progress;

/**
 * A window of batches of entries that were handed on and not answered yet, in index order. Full
 * when it has either as many batches or as many bytes as allowed; one batch is always allowed.
 */
public final class Inflights {
  private final long[] lasts;
  private final long[] weights;
  private final long bytesMax;
  private int head;
  private int count;
  private long bytes;

  public Inflights(int batchesMax, long bytesMax) {
    this.lasts = new long[batchesMax];
    this.weights = new long[batchesMax];
    this.bytesMax = bytesMax;
  }

  public boolean full() {
    return count == lasts.length || bytes >= bytesMax;
  }

  public int count() {
    return count;
  }

  /** Takes in a batch that ends at {@code lastIndex}; the window is not full. */
  public void add(long lastIndex, long weightBytes) {
    int slot = (head + count) % lasts.length;
    lasts[slot] = lastIndex;
    weights[slot] = weightBytes;
    count++;
    bytes += weightBytes;
  }

  /** Lets go of every batch that ends at or before {@code index}. */
  public void freeTo(long index) {
    while (count > 0 && lasts[head] <= index) {
      bytes -= weights[head];
      head = (head + 1) % lasts.length;
      count--;
    }
  }
}
