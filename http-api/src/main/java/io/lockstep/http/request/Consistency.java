package io.lockstep.http.request;

/**
 * How new the state must be that a read is answered from: the parameters {@code consistency},
 * {@code min_revision} and {@code max_staleness}.
 */
public sealed interface Consistency {
  /** Everything that was acknowledged anywhere before the read began. What is not asked for. */
  record Linearizable() implements Consistency {}

  /** Whatever the serving node has: a consistent prefix of any age. */
  record Stale() implements Consistency {}

  /**
   * What the serving node has, if that is new enough; at least one bound is given.
   *
   * @param minRevision the least revision to be read at, waited for; 0 for any
   * @param maxStalenessMillis how long ago the state may last have been known to be current; 0 for
   *     any time
   */
  record Bounded(long minRevision, long maxStalenessMillis) implements Consistency {}

  /** The longest {@code max_staleness}. */
  long STALENESS_MILLIS_MAX = 86_400_000;

  /** What the parameters ask for; refuses what contradicts itself. */
  static Consistency of(Query query) {
    String level = query.text("consistency");
    long minRevision = query.revision("min_revision");
    String text = query.text("max_staleness");
    long maxStaleness =
        text == null ? 0 : Durations.millis("max_staleness", text, 1, STALENESS_MILLIS_MAX);
    boolean bounded = minRevision != 0 || text != null;
    return switch (level) {
      case null -> bounded ? new Bounded(minRevision, maxStaleness) : new Linearizable();
      case "linearizable" -> {
        if (bounded) {
          throw Query.bad(
              "consistency",
              "linearizable reads nothing old: leave min_revision and max_staleness out, or leave"
                  + " consistency out to read this node's state within those bounds");
        }
        yield new Linearizable();
      }
      case "stale" -> {
        if (bounded) {
          throw Query.bad(
              "consistency",
              "stale sets no bound: leave it out, min_revision and max_staleness read this node's"
                  + " state without it");
        }
        yield new Stale();
      }
      default ->
          throw Query.bad(
              "consistency",
              "is linearizable or stale; min_revision=41 and max_staleness=2s ask for what lies"
                  + " between");
    };
  }

  /** Refuses a read at {@code atRevision}, 0 for the present, that must be newer than that. */
  default void requireReaches(long atRevision) {
    if (atRevision != 0 && this instanceof Bounded bounded && bounded.minRevision() > atRevision) {
      throw Query.bad(
          "min_revision",
          "is later than at_revision: the state at that revision is too old for it; leave one out");
    }
  }

  /** What weak reads are labelled with; null for a read that is not weak. */
  default @org.jspecify.annotations.Nullable String label() {
    return switch (this) {
      case Linearizable linearizable -> null;
      case Stale stale -> "stale";
      case Bounded(long minRevision, long maxStaleness) ->
          minRevision == 0
              ? "max_staleness"
              : maxStaleness == 0 ? "min_revision" : "min_revision, max_staleness";
    };
  }
}
