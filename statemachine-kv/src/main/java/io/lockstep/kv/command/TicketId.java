package io.lockstep.kv.command;

import org.jspecify.annotations.Nullable;

/**
 * The name of a place in a lock's queue, and of the grant that it became; never used again. Ordered
 * by making.
 *
 * @param index of the entry that made it; positive
 * @param nonce a random number that came with the command
 */
public record TicketId(long index, long nonce) implements Comparable<TicketId> {
  /** The id that {@link #toString} made {@code text} of; null for any other text. */
  public static @Nullable TicketId parse(String text) {
    MadeId.Parts parts = text.startsWith("t-") ? MadeId.parse(text.substring(2)) : null;
    return parts == null ? null : new TicketId(parts.index(), parts.nonce());
  }

  @Override
  public int compareTo(TicketId other) {
    return MadeId.compare(index, nonce, other.index, other.nonce);
  }

  /** Opaque text without meaning to clients. */
  @Override
  public String toString() {
    return "t-" + MadeId.print(index, nonce);
  }
}
