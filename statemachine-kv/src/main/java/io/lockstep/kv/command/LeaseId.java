package io.lockstep.kv.command;

import org.jspecify.annotations.Nullable;

/**
 * The name of a lease, never used again. Ordered by making.
 *
 * @param index of the entry that made it; positive
 * @param nonce a random number that came with the command
 */
public record LeaseId(long index, long nonce) implements Comparable<LeaseId> {
  /** The id that {@link #toString} made {@code text} of; null for any other text. */
  public static @Nullable LeaseId parse(String text) {
    MadeId.Parts parts = MadeId.parse(text);
    return parts == null ? null : new LeaseId(parts.index(), parts.nonce());
  }

  @Override
  public int compareTo(LeaseId other) {
    return MadeId.compare(index, nonce, other.index, other.nonce);
  }

  /** Opaque text without meaning to clients. */
  @Override
  public String toString() {
    return MadeId.print(index, nonce);
  }
}
