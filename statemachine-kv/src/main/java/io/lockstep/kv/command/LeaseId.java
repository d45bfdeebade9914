package io.lockstep.kv.command;

import org.jspecify.annotations.Nullable;

/**
 * The name of a lease. One that the service made is never used again; one that a client chose may
 * be. Ordered by making, those of clients first.
 *
 * @param index of the entry that made it; 0 for a name that a client chose
 * @param nonce a random number that came with the command, or the name that the client chose
 */
public record LeaseId(long index, long nonce) implements Comparable<LeaseId> {
  private static final int NAMED_LENGTH = 17;

  /** The id that {@link #toString} made {@code text} of; null for any other text. */
  public static @Nullable LeaseId parse(String text) {
    String named = text.length() == NAMED_LENGTH && text.endsWith("0") ? text : null;
    if (named != null) {
      // What stands before the zero is what a made id has before its index.
      MadeId.Parts parts = MadeId.parse(named.substring(0, NAMED_LENGTH - 1) + "1");
      return parts == null ? null : new LeaseId(0, parts.nonce());
    }
    MadeId.Parts parts = MadeId.parse(text);
    return parts == null ? null : new LeaseId(parts.index(), parts.nonce());
  }

  /** Whether a client chose it. */
  public boolean isNamed() {
    return index == 0;
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
