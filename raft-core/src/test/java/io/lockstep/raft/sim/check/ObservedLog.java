package io.lockstep.raft.sim.check;

import io.lockstep.raft.Entry;

/** What one node has handed to its log, and how much of it survives a power cut. */
final class ObservedLog {
  private final Longs terms = new Longs();
  private final Longs digests = new Longs();
  private final Longs times = new Longs();
  private long flushed;

  long last() {
    return terms.size();
  }

  /** 0 for index 0. */
  long term(long index) {
    return index == 0 ? 0 : terms.get(index - 1);
  }

  long digest(long index) {
    return digests.get(index - 1);
  }

  long clusterTime(long index) {
    return index == 0 ? 0 : times.get(index - 1);
  }

  void append(Entry entry) {
    append(entry.term(), digest(entry), entry.clusterTimeMillis());
  }

  void append(long term, long digest, long clusterTime) {
    terms.add(term);
    digests.add(digest);
    times.add(clusterTime);
  }

  /** All of it goes. */
  void clear() {
    truncate(1);
  }

  void truncate(long fromIndex) {
    flushed = Math.min(flushed, fromIndex - 1);
    terms.cut(fromIndex - 1);
    digests.cut(fromIndex - 1);
    times.cut(fromIndex - 1);
  }

  void forced() {
    flushed = last();
  }

  /** The last index that is durable. */
  long flushed() {
    return flushed;
  }

  static long digest(Entry entry) {
    long sum = entry.index();
    sum = sum * 31 + entry.term();
    sum = sum * 31 + entry.clusterTimeMillis();
    sum = sum * 31 + entry.kind().code();
    return sum * 31 + entry.payload().hashCode();
  }
}
