package io.lockstep.raft;

/**
 * How the others know and find a member. The core carries it along and reads only the id.
 *
 * @param id the member
 * @param storage its data directory, as text
 * @param peer where it listens for peers, as its operator wrote it
 * @param client where it serves clients; empty when nobody said
 */
public record Contact(NodeId id, String storage, String peer, String client)
    implements Comparable<Contact> {
  /** How many characters each text may have. */
  public static final int TEXT_MAX = 256;

  /** Throws {@link IllegalArgumentException} for a text that is too long. */
  public Contact {
    require(storage, "storage id");
    require(peer, "peer address");
    require(client, "client address");
  }

  private static void require(String text, String what) {
    if (text.length() > TEXT_MAX) {
      throw new IllegalArgumentException("a " + what + " has at most " + TEXT_MAX + " characters");
    }
  }

  @Override
  public int compareTo(Contact other) {
    return id.compareTo(other.id);
  }
}
