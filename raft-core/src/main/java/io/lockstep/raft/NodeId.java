package io.lockstep.raft;

/**
 * The name of a member, as its operator wrote it: 1 to 32 letters, digits, dots, dashes or
 * underscores. Ordered by text.
 *
 * @param text never null
 */
public record NodeId(String text) implements Comparable<NodeId> {
  private static final int LENGTH_MAX = 32;

  public NodeId {
    if (!valid(text)) {
      throw new IllegalArgumentException(
          "a node id is 1 to 32 letters, digits, '.', '-' or '_', not '" + text + "'");
    }
  }

  private static boolean valid(String text) {
    if (text.isEmpty() || text.length() > LENGTH_MAX) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letterOrDigit = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!letterOrDigit && c != '.' && c != '-' && c != '_') {
        return false;
      }
    }
    return true;
  }

  @Override
  public int compareTo(NodeId other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
