package io.lockstep.kv.command;

import io.lockstep.raft.bytes.Bytes;
import java.util.Comparator;

/**
 * The name of a lock, an election or a semaphore. Ordered by kind, then by text.
 *
 * @param text 1 to {@link Limits#KEY_BYTES_MAX} bytes
 */
public record LockName(LockKind kind, Bytes text) implements Comparable<LockName> {
  /** How many locks one request may take together. */
  public static final int TOGETHER_MAX = 32;

  private static final Comparator<LockName> ORDER =
      Comparator.comparing(LockName::kind).thenComparing(LockName::text);

  /** The name of a lock. */
  public static LockName lock(Bytes text) {
    return new LockName(LockKind.LOCK, text);
  }

  /** The name of an election. */
  public static LockName election(Bytes text) {
    return new LockName(LockKind.ELECTION, text);
  }

  /** The name of a semaphore. */
  public static LockName semaphore(Bytes text) {
    return new LockName(LockKind.SEMAPHORE, text);
  }

  @Override
  public int compareTo(LockName other) {
    return ORDER.compare(this, other);
  }
}
