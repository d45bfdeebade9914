package io.lockstep.raft.identity;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The name of one data directory: 128 random bits, drawn once when the directory is first used and
 * never again. A node id that comes back with another storage id has lost its data, and with it the
 * votes it gave.
 *
 * @param text 32 lower-case hexadecimal digits
 */
public record StorageId(String text) implements Comparable<StorageId> {
  /** How many bytes an id has. */
  public static final int BYTES = 16;

  public StorageId {
    if (!HexText.isHex(text, 2 * BYTES)) {
      throw new IllegalArgumentException(
          "a storage id is 32 lower-case hexadecimal digits, not '" + text + "'");
    }
  }

  /** A new id. {@code source} must be unpredictable across machines: a {@code SecureRandom}. */
  public static StorageId draw(RandomGenerator source) {
    byte[] bits = new byte[BYTES];
    source.nextBytes(bits);
    return new StorageId(HexFormat.of().formatHex(bits));
  }

  @Override
  public int compareTo(StorageId other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
