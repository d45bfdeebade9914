package io.lockstep.raft.sim.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether a lock kept its promises (contract, 7): tokens of one lock rise with every grant for
 * ever, no two holders are safe at one time by the holder's rule unless both share it, and no
 * guarded write was accepted under a token after a newer one had been used.
 */
public final class LockSafety {
  private final Map<String, List<Grant>> grants = new TreeMap<>();
  private final Map<String, List<GuardedWrite>> writes = new TreeMap<>();

  /**
   * A grant as its holder knows it.
   *
   * @param askedAt when the request that was granted was sent
   * @param grantedAt when the answer came
   * @param safeUntil until when the holder counts on it, by the holder's rule or its own release;
   *     in true time
   * @param shared whether it was asked for with others, and not alone
   */
  public record Grant(
      String lock,
      long token,
      String holder,
      long askedAt,
      long grantedAt,
      long safeUntil,
      boolean shared) {
    /** To one alone. */
    public Grant(
        String lock, long token, String holder, long askedAt, long grantedAt, long safeUntil) {
      this(lock, token, holder, askedAt, grantedAt, safeUntil, false);
    }
  }

  /** A write that was accepted under a token. */
  public record GuardedWrite(String lock, long token, long revision) {}

  public void granted(Grant grant) {
    grants.computeIfAbsent(grant.lock(), l -> new ArrayList<>()).add(grant);
  }

  public void wrote(GuardedWrite write) {
    writes.computeIfAbsent(write.lock(), l -> new ArrayList<>()).add(write);
  }

  /** Throws {@link Violation} if any promise was broken. */
  public void check() {
    grants.values().forEach(LockSafety::checkTokens);
    grants.values().forEach(LockSafety::checkOverlap);
    writes.values().forEach(LockSafety::checkWrites);
  }

  private static void checkTokens(List<Grant> ofLock) {
    List<Grant> byToken = new ArrayList<>(ofLock);
    byToken.sort(Comparator.comparingLong(Grant::token));
    for (int i = 1; i < byToken.size(); i++) {
      Grant earlier = byToken.get(i - 1);
      Grant later = byToken.get(i);
      boolean together = earlier.shared() && later.shared();
      if (earlier.token() == later.token()
          && !together
          && !earlier.holder().equals(later.holder())) {
        throw new Violation("tokens rise", "two holders: " + earlier + ", " + later);
      }
      if (later.grantedAt() < earlier.askedAt()) {
        throw new Violation("tokens rise", later + " was granted before " + earlier);
      }
    }
  }

  /**
   * Sorted by the beginning of what is safe, each must end before the next of another begins; of
   * those that share it, before the next that does not.
   */
  private static void checkOverlap(List<Grant> ofLock) {
    List<Grant> byTime = new ArrayList<>(ofLock);
    byTime.sort(Comparator.comparingLong(Grant::grantedAt));
    Grant longest = null;
    Grant longestAlone = null;
    for (Grant grant : byTime) {
      Grant before = grant.shared() ? longestAlone : longest;
      if (before != null
          && grant.token() != before.token()
          && grant.grantedAt() < before.safeUntil()
          && grant.safeUntil() > grant.grantedAt()) {
        throw new Violation("one holder at a time", before + " and " + grant);
      }
      longest = longer(longest, grant);
      longestAlone = grant.shared() ? longestAlone : longer(longestAlone, grant);
    }
  }

  private static Grant longer(@Nullable Grant one, Grant other) {
    return one == null || other.safeUntil() > one.safeUntil() ? other : one;
  }

  private static void checkWrites(List<GuardedWrite> ofLock) {
    List<GuardedWrite> byRevision = new ArrayList<>(ofLock);
    byRevision.sort(Comparator.comparingLong(GuardedWrite::revision));
    for (int i = 1; i < byRevision.size(); i++) {
      if (byRevision.get(i).token() < byRevision.get(i - 1).token()) {
        throw new Violation(
            "no write under an outdated token",
            byRevision.get(i - 1) + " came before " + byRevision.get(i));
      }
    }
  }
}
