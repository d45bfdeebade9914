package io.lockstep.kv.gate;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done once in each period of one name: which periods are being worked on, and which
 * are done. A token tells one claim from all others of the name. Immutable; each change O(log n).
 *
 * @param running the claims that are good, by period
 * @param runningTokens their periods, by token
 * @param done the tokens under which periods were done, by period
 * @param doneTokens their periods, by token
 */
public record Once(
    OrderedMap<Bytes, Claimed> running,
    OrderedMap<Long, Bytes> runningTokens,
    OrderedMap<Bytes, Long> done,
    OrderedMap<Long, Bytes> doneTokens) {
  /** So many periods that were done are remembered; those of the oldest claims go first. */
  public static final int DONE_MAX = 1_000;

  /** The longest name of a period. Part of the format. */
  public static final int PERIOD_BYTES_MAX = 256;

  /** What each period counts for against the quota, with its name. */
  public static final long PERIOD_WEIGHT_BYTES = 512;

  /** A period that is being worked on, for as long as the lease runs. */
  public record Claimed(long token, LeaseId lease) {}

  /** Nothing was claimed yet. */
  public static final Once EMPTY =
      new Once(
          OrderedMap.natural(
              (period, claim) ->
                  new Digest(claim.token).add(period).addNullable(claim.lease).value()),
          OrderedMap.natural((token, period) -> 0),
          OrderedMap.natural((period, token) -> new Digest(token).add(period).value()),
          OrderedMap.natural((token, period) -> 0));

  /** The good claim of this token; null when there is none. */
  public @Nullable Bytes runningUnder(long token) {
    return runningTokens.get(token);
  }

  /** With a claim. */
  public Once claimed(Bytes period, Claimed claim) {
    return new Once(
        running.put(period, claim), runningTokens.put(claim.token(), period), done, doneTokens);
  }

  /** Without a claim, whose period can be claimed again. */
  public Once freed(Bytes period) {
    Claimed claim = running.require(period);
    return new Once(running.remove(period), runningTokens.remove(claim.token()), done, doneTokens);
  }

  /** With a period that was done. */
  public Once finished(Bytes period, long token) {
    OrderedMap<Bytes, Long> periods = done.put(period, token);
    OrderedMap<Long, Bytes> tokens = doneTokens.put(token, period);
    if (tokens.size() > DONE_MAX) {
      // Not the one that was just done, even if its claim is the oldest.
      long first = Invariant.present(tokens.remove(token).firstKey(), "there are others");
      periods = periods.remove(tokens.require(first));
      tokens = tokens.remove(first);
    }
    return new Once(running, runningTokens, periods, tokens);
  }

  int periods() {
    return running.size() + done.size();
  }

  long digest() {
    return new Digest(running.digest()).add(done.digest()).value();
  }
}
