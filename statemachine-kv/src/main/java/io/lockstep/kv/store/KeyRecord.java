package io.lockstep.kv.store;

import io.lockstep.kv.result.KeyMeta;
import io.lockstep.raft.bytes.Bytes;

/** A key as it was after one put. */
public record KeyRecord(Bytes key, Bytes value, String contentType, KeyMeta meta) {
  /**
   * What a key costs beside its own bytes and those of its value: objects, and its share of the
   * tree.
   */
  private static final long OVERHEAD_BYTES = 220;

  /** What this record counts for against the quota. */
  public long weightBytes() {
    return weightBytes(key, value, contentType);
  }

  /** What a record of these counts for against the quota. */
  public static long weightBytes(Bytes key, Bytes value, String contentType) {
    return OVERHEAD_BYTES + key.length() + value.length() + contentType.length();
  }

  /** A hash of all that this record says. */
  public long digest() {
    return new Digest(key.length())
        .add(key)
        .add(value)
        .add(contentType)
        .add(meta.createRevision())
        .add(meta.modRevision())
        .add(meta.version())
        .addNullable(meta.lease())
        .value();
  }
}
