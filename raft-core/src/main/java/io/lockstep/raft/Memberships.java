package io.lockstep.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The memberships along a log. In force is that of the last membership entry, whether committed or
 * not: a server uses the latest one in its log from the moment it has it (thesis 4.1). So a
 * truncation brings back the one before.
 */
class Memberships {
  private final List<Placed> placed = new ArrayList<>();

  /** A membership and the index from which on it is in force. */
  record Placed(long index, Membership membership) {}

  /**
   * The memberships of a log found at start.
   *
   * @param baseIndex where the log starts: what comes up to it is not there any more
   * @param base in force at {@code baseIndex}
   * @param entries the log's membership entries, in order
   */
  Memberships(long baseIndex, Membership base, List<Entry> entries) {
    placed.add(new Placed(baseIndex, base));
    append(entries);
  }

  /** The index of the entry that brought the latest membership. */
  long lastIndex() {
    return placed.getLast().index();
  }

  /** The membership of the last membership entry. */
  Membership last() {
    return placed.getLast().membership();
  }

  /** The membership that this node acts by. */
  Membership inForce(long committed) {
    return last();
  }

  /** The membership at {@code index}, which is not below the base. */
  Membership at(long index) {
    return placed.get(placeAt(index)).membership();
  }

  /** Takes in entries that follow on those before; others than membership entries are skipped. */
  void append(List<Entry> entries) {
    for (Entry entry : entries) {
      if (entry.kind() == EntryKind.MEMBERSHIP && entry.index() > lastIndex()) {
        placed.add(new Placed(entry.index(), MembershipCodec.decode(entry.payload())));
      }
    }
  }

  /** The entries from {@code index} on are gone. */
  void truncateFrom(long index) {
    while (lastIndex() >= index) {
      Invariant.check(placed.size() > 1, "what is committed is never truncated (3.6.3)");
      placed.removeLast();
    }
  }

  /** The log up to {@code index} may go: only what is in force there is kept of it. */
  void compactTo(long index) {
    int place = placeAt(index);
    Membership base = placed.get(place).membership();
    placed.subList(0, place + 1).clear();
    placed.addFirst(new Placed(index, base));
  }

  /** A snapshot takes the place of the whole log. */
  void restore(long index, Membership membership) {
    placed.clear();
    placed.add(new Placed(index, membership));
  }

  /** Whether the latest membership is committed: no other can come back. */
  boolean settled(long committed) {
    return lastIndex() <= committed;
  }

  /**
   * Whether {@code node} may have to lead: it is a voter of the latest membership, or of one that
   * may still come back. A server that is not part of its latest one still starts elections, for it
   * may be needed until that one is committed (thesis 4.2.2).
   */
  boolean mayLead(NodeId node, long committed) {
    for (int i = placeAt(committed); i < placed.size(); i++) {
      if (placed.get(i).membership().isVoter(node)) {
        return true;
      }
    }
    return false;
  }

  /** The longest lease of the latest membership and of those that may come back; 0 for none. */
  long leaseMillis(long committed) {
    long longest = 0;
    for (int i = placeAt(committed); i < placed.size(); i++) {
      longest = Math.max(longest, placed.get(i).membership().leaseMillis());
    }
    return longest;
  }

  /** All that {@code self} may have to speak with, sorted: also those of what may come back. */
  List<NodeId> others(NodeId self, long committed) {
    TreeSet<NodeId> others = new TreeSet<>();
    for (int i = placeAt(committed); i < placed.size(); i++) {
      others.addAll(placed.get(i).membership().members());
    }
    others.remove(self);
    return List.copyOf(others);
  }

  private int placeAt(long index) {
    int place = placed.size() - 1;
    while (place > 0 && placed.get(place).index() > index) {
      place--;
    }
    return place;
  }
}
