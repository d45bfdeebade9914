package io.lockstep.kv.request;

import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.ResultCodec;
import io.lockstep.kv.store.Digest;
import io.lockstep.raft.bytes.ByteWriter;

/**
 * The first answer to a request with an idempotency key.
 *
 * @param index of the entry that was answered
 * @param revision after that entry
 * @param clusterTimeMillis of that entry
 * @param resultBytes how long the encoded result is
 */
public record StoredAnswer(
    RequestKey key,
    long index,
    long revision,
    long clusterTimeMillis,
    Result result,
    int resultBytes) {
  /** What an answer counts for against the quota, beside its key and result. */
  public static final long WEIGHT_BYTES = 400;

  /**
   * An answer that is kept as a whole if it is not longer than {@code bytesMax}, else as its
   * outcome.
   */
  public static StoredAnswer of(
      RequestKey key,
      long index,
      long revision,
      long clusterTimeMillis,
      Result result,
      long bytesMax) {
    ByteWriter encoded = new ByteWriter(64);
    ResultCodec.write(encoded, result);
    boolean whole = encoded.size() <= bytesMax;
    Result kept = whole ? result : new Result.OutcomeOnly(result instanceof Result.Success);
    int bytes = whole ? encoded.size() : 2;
    return new StoredAnswer(key, index, revision, clusterTimeMillis, kept, bytes);
  }

  /** An answer that was kept before. */
  public static StoredAnswer restored(
      RequestKey key, long index, long revision, long clusterTimeMillis, Result kept) {
    ByteWriter encoded = new ByteWriter(64);
    ResultCodec.write(encoded, kept);
    return new StoredAnswer(key, index, revision, clusterTimeMillis, kept, encoded.size());
  }

  long weightBytes() {
    return WEIGHT_BYTES
        + resultBytes
        + key.text().length()
        + key.scope().length()
        + key.fingerprint().length();
  }

  long digest() {
    ByteWriter encoded = new ByteWriter(64);
    ResultCodec.write(encoded, result);
    return new Digest(index)
        .add(key.scope())
        .add(key.text())
        .add(key.fingerprint())
        .add(revision)
        .add(clusterTimeMillis)
        .add(encoded.toBytes())
        .value();
  }
}
