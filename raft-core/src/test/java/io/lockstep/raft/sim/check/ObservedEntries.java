package io.lockstep.raft.sim.check;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The entries that the leader of each term made, wherever they were seen, and the memberships that
 * they bring. By the log matching property (thesis 3.5) that is all there can be to know of any
 * log.
 */
final class ObservedEntries {
  private final TreeMap<Long, OfTerm> byTerm = new TreeMap<>();
  private final ObservedMemberships memberships;

  /** One term's: they follow on each other. */
  private record OfTerm(long term, long first, long previousTerm, Longs digests, Longs times) {
    OfTerm(long term, long first, long previousTerm) {
      this(term, first, previousTerm, new Longs(), new Longs());
    }

    boolean has(long index) {
      return index >= first && index - first < digests.size();
    }
  }

  ObservedEntries(Membership founders) {
    memberships = new ObservedMemberships(founders);
  }

  Membership founders() {
    return memberships.founders();
  }

  /** An entry is somewhere after one of {@code previousTerm}; says what is wrong with that. */
  @Nullable Violation seen(Entry entry, long previousTerm) {
    OfTerm term =
        byTerm.computeIfAbsent(
            entry.term(), t -> new OfTerm(entry.term(), entry.index(), previousTerm));
    long position = entry.index() - term.first;
    boolean follows =
        position == 0 ? previousTerm == term.previousTerm : previousTerm == entry.term();
    if (position < 0 || position > term.digests.size() || !follows) {
      return new Violation("logs match", entry.id() + " after an entry of term " + previousTerm);
    }
    long digest = ObservedLog.digest(entry);
    if (position < term.digests.size()) {
      return term.digests.get(position) == digest
          ? null
          : new Violation("logs match", "two entries " + entry.id());
    }
    term.digests.add(digest);
    term.times.add(entry.clusterTimeMillis());
    return entry.kind() == EntryKind.MEMBERSHIP ? membershipSeen(entry) : null;
  }

  private @Nullable Violation membershipSeen(Entry entry) {
    Membership next = MembershipCodec.decode(entry.payload());
    String wrong = ObservedMemberships.wrongStep(membership(entry.term(), entry.index() - 1), next);
    memberships.add(entry.term(), entry.index(), next);
    return wrong == null
        ? null
        : new Violation("voters change through both sets", entry.id() + ": " + wrong);
  }

  /**
   * Whether all that its leader made before the entry was seen. To a new member a leader may send
   * what comes after an entry that is on its own disk yet to be written, and went to nobody.
   */
  boolean follow(Entry entry) {
    OfTerm term = byTerm.get(entry.term());
    return term == null || entry.index() - term.first <= term.digests.size();
  }

  /** The terms up to {@code term} whose leaders made entries, the newest first. */
  Iterable<Long> termsUpTo(long term) {
    return byTerm.headMap(term, true).descendingKeySet();
  }

  /**
   * The term of the entry at {@code index} of the log of that term's leader; 0 if there is none.
   */
  long termAt(long leader, long index) {
    OfTerm term = byTerm.get(leader);
    while (term != null && index < term.first) {
      term = byTerm.get(term.previousTerm);
    }
    return term != null && term.has(index) ? term.term : 0;
  }

  /** The digest of an entry that was seen. */
  long digest(long term, long index) {
    OfTerm entries = byTerm.get(term);
    return entries.digests.get(index - entries.first);
  }

  /** The cluster time of an entry that was seen. */
  long clusterTimeMillis(long term, long index) {
    OfTerm entries = byTerm.get(term);
    return entries.times.get(index - entries.first);
  }

  /** The membership at {@code index} of the log of that term's leader. */
  Membership membership(long leader, long index) {
    long upTo = index;
    for (OfTerm term = byTerm.get(leader); term != null; term = byTerm.get(term.previousTerm)) {
      Membership found = memberships.at(term.term, upTo);
      if (found != null) {
        return found;
      }
      upTo = Math.min(upTo, term.first - 1);
    }
    return memberships.founders();
  }

  /** The index of the entry that brought that membership; 0 for the first. */
  long membershipSince(long leader, long index) {
    long upTo = index;
    for (OfTerm term = byTerm.get(leader); term != null; term = byTerm.get(term.previousTerm)) {
      long since = memberships.since(term.term, upTo);
      if (since > 0) {
        return since;
      }
      upTo = Math.min(upTo, term.first - 1);
    }
    return 0;
  }
}
