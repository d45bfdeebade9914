package io.lockstep.raft.identity;

import io.lockstep.raft.Invariant;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.TreeSet;

/**
 * The name of one cluster, from its first start on. Two members of different clusters never talk.
 *
 * @param text 32 lower-case hexadecimal digits
 */
public record ClusterId(String text) implements Comparable<ClusterId> {
  /** How many bytes an id has. */
  public static final int BYTES = 16;

  public ClusterId {
    if (!HexText.isHex(text, 2 * BYTES)) {
      throw new IllegalArgumentException(
          "a cluster id is 32 lower-case hexadecimal digits, not '" + text + "'");
    }
  }

  /**
   * The id that a first start of these data directories forms: the first half of the SHA-256 of the
   * sorted storage ids, each followed by a line feed. So every member finds the same id by itself.
   */
  public static ClusterId formedBy(Collection<StorageId> storages) {
    TreeSet<StorageId> sorted = new TreeSet<>(storages);
    Invariant.check(!sorted.isEmpty(), "a cluster has at least one member");
    Invariant.check(sorted.size() == storages.size(), "each member has a storage id of its own");
    MessageDigest digest = sha256();
    for (StorageId storage : sorted) {
      digest.update((storage.text() + '\n').getBytes(StandardCharsets.US_ASCII));
    }
    return new ClusterId(HexFormat.of().formatHex(digest.digest(), 0, BYTES));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public int compareTo(ClusterId other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
