package io.lockstep.kv.request;

import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.ResultCodec;
import io.lockstep.kv.store.Digest;
import io.lockstep.raft.bytes.ByteWriter;
import java.util.List;

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
   * An answer that is kept as a whole if it is not longer than {@code bytesMax}; else, of several
   * locks, by the first, for its ticket tells of the others; else as its outcome.
   */
  public static StoredAnswer of(
      RequestKey key,
      long index,
      long revision,
      long clusterTimeMillis,
      Result result,
      long bytesMax) {
    Result kept = result;
    int bytes = lengthOf(kept);
    if (bytes > bytesMax) {
      kept = ofFirst(result);
      bytes = lengthOf(kept);
    }
    if (bytes > bytesMax) {
      kept = new Result.OutcomeOnly(result instanceof Result.Success);
      bytes = lengthOf(kept);
    }
    return new StoredAnswer(key, index, revision, clusterTimeMillis, kept, bytes);
  }

  private static int lengthOf(Result result) {
    ByteWriter encoded = new ByteWriter(64);
    ResultCodec.write(encoded, result);
    return encoded.size();
  }

  private static Result ofFirst(Result result) {
    if (result instanceof Result.LockGranted granted) {
      return granted.with(List.of());
    }
    return result instanceof Result.LockQueued queued ? queued.with(List.of()) : result;
  }

  /** An answer that was kept before. */
  public static StoredAnswer restored(
      RequestKey key, long index, long revision, long clusterTimeMillis, Result kept) {
    return new StoredAnswer(key, index, revision, clusterTimeMillis, kept, lengthOf(kept));
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
