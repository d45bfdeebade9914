package io.lockstep.kv.command;

/** What the holder of a lease says of it, for those who look for leases. */
public record Label(String name, String value) {
  /** The most labels of a lease. Part of the format. */
  public static final int COUNT_MAX = 16;

  /** The most bytes of UTF-8 in a name; it has one at least. Part of the format. */
  public static final int NAME_BYTES_MAX = 64;

  /** The most bytes of UTF-8 in a value. Part of the format. */
  public static final int VALUE_BYTES_MAX = 256;
}
