package io.lockstep.raft.progress;

/**
 * How far a follower's log is known, or hoped, to match the leader's (Raft thesis 3.5, 10.2.1).
 *
 * <p>{@code match} is the highest index known to match, durably at the follower; {@code next} the
 * index to send from. {@code match < next} always.
 */
public sealed interface Progress {
  long match();

  long next();

  /** Where the logs part is not known yet: one message at a time goes out to find it. */
  final class Probe implements Progress {
    private long match;
    private final long next;
    private long sentTo;
    private boolean waiting;

    public Probe(long match, long next) {
      this.match = match;
      this.next = next;
      this.sentTo = next - 1;
    }

    @Override
    public long match() {
      return match;
    }

    @Override
    public long next() {
      return next;
    }

    /** Whether a probe is out and unanswered. */
    public boolean waiting() {
      return waiting;
    }

    /** A probe went out, with the entries up to {@code lastIndex}. */
    public void sent(long lastIndex) {
      sentTo = lastIndex;
      waiting = true;
    }

    /** The probe is taken for lost. */
    public void resume() {
      waiting = false;
    }

    /**
     * The follower's log matches up to {@code index}: streams from there once the probe's place is
     * reached.
     *
     * @param window empty
     */
    public Progress matched(long index, Inflights window) {
      match = Math.max(match, index);
      return match >= next - 1 ? new Replicate(match, Math.max(match, sentTo) + 1, window) : this;
    }
  }

  /**
   * What the follower needs is compacted: it is sent a snapshot (thesis 5.3). When that does not
   * get through, a while has to pass; then it must be asked anew what it holds.
   */
  final class Snapshot implements Progress {
    private final long index;
    private long match;
    private boolean sent;
    private boolean failed;
    private long askAgainNanos;

    /**
     * Nothing is sent yet.
     *
     * @param index what the snapshots to be sent stand for, or less
     */
    public Snapshot(long match, long index) {
      this.match = match;
      this.index = index;
    }

    @Override
    public long match() {
      return match;
    }

    @Override
    public long next() {
      return index + 1;
    }

    /** Whether one is under way, or was. */
    public boolean isSent() {
      return sent;
    }

    public void sent() {
      sent = true;
    }

    /** It did not get through. */
    public void failed(long askAgainNanos) {
      failed = true;
      this.askAgainNanos = askAgainNanos;
    }

    /** Whether it did not get through, a while ago. */
    public boolean isOver(long nowNanos) {
      return failed && nowNanos - askAgainNanos >= 0;
    }

    /** The follower's log matches up to {@code index} all the same. */
    public void matched(long index) {
      match = Math.max(match, index);
    }
  }

  /** The logs match up to {@code match}: entries are streamed ahead of the answers. */
  final class Replicate implements Progress {
    private final Inflights inflights;
    private long match;
    private long next;

    public Replicate(long match, long next, Inflights inflights) {
      this.match = match;
      this.next = next;
      this.inflights = inflights;
    }

    @Override
    public long match() {
      return match;
    }

    @Override
    public long next() {
      return next;
    }

    /** Whether another message may go out before one is answered. */
    public boolean maySend() {
      return !inflights.full();
    }

    /** Entries went out, up to {@code lastIndex}. */
    public void sent(long lastIndex, long weightBytes) {
      inflights.add(lastIndex, weightBytes);
      next = lastIndex + 1;
    }

    /** The follower's log matches up to {@code index}. */
    public void matched(long index) {
      inflights.freeTo(index);
      match = Math.max(match, index);
      next = Math.max(next, match + 1);
    }
  }
}
