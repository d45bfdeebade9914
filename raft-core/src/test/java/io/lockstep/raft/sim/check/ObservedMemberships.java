package io.lockstep.raft.sim.check;

import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The memberships that leaders were seen to make, by term and index, and what the thesis says of
 * them: written down anew, from the text, and not with the code under test.
 */
final class ObservedMemberships {
  private final Membership founders;
  private final Map<Long, NavigableMap<Long, Membership>> byTerm = new TreeMap<>();

  ObservedMemberships(Membership founders) {
    this.founders = founders;
  }

  /** The one before all entries. */
  Membership founders() {
    return founders;
  }

  void add(long term, long index, Membership membership) {
    byTerm.computeIfAbsent(term, t -> new TreeMap<>()).put(index, membership);
  }

  /** The last one that the leader of {@code term} made up to {@code index}; null for none. */
  @Nullable Membership at(long term, long index) {
    var found = of(term).floorEntry(index);
    return found == null ? null : found.getValue();
  }

  /** The index of {@link #at}; 0 for none. */
  long since(long term, long index) {
    Long found = of(term).floorKey(index);
    return found == null ? 0 : found;
  }

  private NavigableMap<Long, Membership> of(long term) {
    return byTerm.getOrDefault(term, new TreeMap<>());
  }

  /** Whether {@code nodes} hold a majority of the voters, of both sets while joint (4.3). */
  static boolean isQuorum(Collection<NodeId> nodes, Membership membership) {
    return isMajority(nodes, membership.voters())
        && (membership.outgoing().isEmpty() || isMajority(nodes, membership.outgoing()));
  }

  /** Whether {@code nodes} hold a majority of {@code voters}. */
  static boolean isMajority(Collection<NodeId> nodes, List<NodeId> voters) {
    return 2 * voters.stream().filter(nodes::contains).count() > voters.size();
  }

  /** Why {@code next} cannot follow on {@code before}; null when it can. */
  static @Nullable String wrongStep(Membership before, Membership next) {
    if (!next.outgoing().isEmpty()) {
      boolean begins = before.outgoing().isEmpty() && next.outgoing().equals(before.voters());
      return begins ? null : "both sets " + next + " after " + before;
    }
    return next.voters().equals(before.voters()) ? null : "voters " + next + " after " + before;
  }
}
