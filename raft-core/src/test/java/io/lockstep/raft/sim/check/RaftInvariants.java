package io.lockstep.raft.sim.check;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Membership;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of a cluster after every event, seen from outside of the code: from what nodes
 * append, force, send, apply, and say of themselves.
 *
 * <ul>
 *   <li>one leader a term, and a leader has its own vote on disk (thesis 3.4);
 *   <li>logs match: two entries of one term and index are one entry with one predecessor (3.5);
 *   <li>a leader has all that was committed before (leader completeness, 3.6);
 *   <li>a leader commits by counting only what is of its own term (3.6.2);
 *   <li>applied &lt;= committed &lt;= on the disks of a majority, of both sets while joint (4.3),
 *       and what is committed never changes;
 *   <li>voters change through a joint membership only, and learners in one step (4.2.1, 4.3);
 *   <li>no vote, and no append reply, before what it says is on the disk; no second vote in a term;
 *   <li>cluster time never decreases along the log and never runs ahead of real time;
 *   <li>a recovery finds all that was forced, in its log or in a snapshot, unless the disk rots;
 *   <li>no vote of a node that has lost what is committed, and not regained it;
 *   <li>a snapshot is of what is committed, and only what is in a durable one is compacted;
 *   <li>states are the same at the same index, however a node came there;
 *   <li>the replicas' own comparison of their states finds nothing.
 * </ul>
 *
 * The first violation is kept for the run to find: the code under test would take an exception for
 * its own.
 */
public final class RaftInvariants {
  private final List<NodeId> nodes;
  private final LongSupplier now;
  private final long clusterTimeRatePpm;
  private final ObservedLog[] logs;
  private final long[] commitOf;
  private final long[] appliedOf;
  private final boolean[] leading;
  private final long[] termOf;
  private final Map<Long, NodeId> leaders = new TreeMap<>();
  private final List<Map<Long, NodeId>> votes;
  private final ObservedEntries observed;
  private final Longs committedTerms = new Longs();
  private final Longs committedDigests = new Longs();
  private final Longs committedTimes = new Longs();
  private final long[] snapshotOf;
  private final Map<Long, Long> states = new TreeMap<>();
  private final ObservedLosses losses;

  /** Those under repair: no quorum of votes has one of them. */
  private final boolean[] votesForNobody;

  private @Nullable Violation violation;

  /**
   * Watches a cluster from its beginning.
   *
   * @param nodes all machines, members or not
   * @param founders the first membership
   * @param now true time in nanoseconds
   * @param clusterTimeRatePpm how much faster than true time the fastest clock of a leader runs
   */
  public RaftInvariants(
      List<NodeId> nodes, Membership founders, LongSupplier now, long clusterTimeRatePpm) {
    this.nodes = List.copyOf(nodes);
    observed = new ObservedEntries(founders);
    this.now = now;
    this.clusterTimeRatePpm = clusterTimeRatePpm;
    logs = new ObservedLog[nodes.size()];
    for (int i = 0; i < logs.length; i++) {
      logs[i] = new ObservedLog();
    }
    commitOf = new long[nodes.size()];
    appliedOf = new long[nodes.size()];
    snapshotOf = new long[nodes.size()];
    leading = new boolean[nodes.size()];
    losses = new ObservedLosses(nodes.size());
    votesForNobody = new boolean[nodes.size()];
    termOf = new long[nodes.size()];
    votes = nodes.stream().<Map<Long, NodeId>>map(n -> new TreeMap<>()).toList();
  }

  /** The first violation, null while there is none. */
  public @Nullable Violation violation() {
    return violation;
  }

  /** Keeps {@code found} unless there was a violation before. */
  public void report(Violation found) {
    if (violation == null) {
      violation = found;
    }
  }

  private void check(boolean holds, String property, String detail) {
    if (!holds) {
      report(new Violation(property, detail));
    }
  }

  /** The highest index that any node ever called committed. */
  public long committed() {
    return committedTerms.size();
  }

  /** The highest index that is durable on {@code node} now, in its log or in a snapshot. */
  public long flushed(int node) {
    return Math.max(logs[node].flushed(), snapshotOf[node]);
  }

  /**
   * A new life of {@code node} found this.
   *
   * @param snapshot the newest one; null for none
   * @param entries of its log, without holes; those that the snapshot stands for may lack, or be
   *     others when a crash came before the log followed it
   * @param rotten whether its disk may have lost some of what was on it
   * @param marked whether it knows of an earlier loss
   */
  public void started(
      int node,
      HardState durable,
      @Nullable SnapshotMeta snapshot,
      List<Entry> entries,
      boolean rotten,
      boolean marked) {
    ObservedLog log = logs[node];
    long stands = snapshot == null ? 0 : snapshot.last().index();
    check(
        rotten || stands >= snapshotOf[node],
        "a recovery finds the newest snapshot",
        name(node) + " finds " + stands + ", had stored " + snapshotOf[node]);
    boolean replaced = snapshot != null && !holds(log, snapshot);
    ObservedLog found = found(node, snapshot, entries);
    long forced = replaced ? stands : log.flushed();
    check(
        rotten || found.last() >= forced,
        "a recovery finds all that was forced",
        name(node) + " had forced " + forced + " entries and found " + found.last());
    for (long i = 1; !rotten && !replaced && i <= Math.min(forced, found.last()); i++) {
      check(
          found.digest(i) == log.digest(i),
          "a recovery finds all that was forced",
          name(node) + " found another entry at " + i);
    }
    found.forced();
    if (rotten) {
      losses.lost(node, log);
    }
    votesForNobody[node] = rotten || marked;
    logs[node] = found;
    snapshotOf[node] = stands;
    commitOf[node] = 0;
    appliedOf[node] = 0;
    leading[node] = false;
    check(
        durable.term() >= termOf[node],
        "a term is not forgotten",
        name(node) + " comes back in term " + durable.term() + ", was in " + termOf[node]);
  }

  private boolean holds(ObservedLog log, SnapshotMeta snapshot) {
    long index = snapshot.last().index();
    return log.last() >= index && log.term(index) == snapshot.last().term();
  }

  /** The log that a start makes of what it found. */
  private ObservedLog found(int node, @Nullable SnapshotMeta snapshot, List<Entry> entries) {
    ObservedLog found = new ObservedLog();
    long stands = 0;
    if (snapshot != null) {
      stands = snapshot.last().index();
      isCommitted(node, snapshot);
      appendCommitted(found, stands);
    }
    boolean follows = entries.isEmpty() || entries.getFirst().index() == stands + 1;
    for (Entry entry : entries) {
      follows |= snapshot != null && entry.id().equals(snapshot.last());
      if (follows && entry.index() > stands) {
        seen(entry, found.term(found.last()));
        found.append(entry);
      }
    }
    return found;
  }

  private void appendCommitted(ObservedLog log, long upTo) {
    for (long i = 1; i <= Math.min(upTo, committed()); i++) {
      log.append(committedTerms.get(i - 1), committedDigests.get(i - 1), committedTimes.get(i - 1));
    }
  }

  private void isCommitted(int node, SnapshotMeta snapshot) {
    long index = snapshot.last().index();
    boolean known = index <= committed();
    check(known, "a snapshot is of what is committed", name(node) + " has one of " + index);
    check(
        !known || committedTerms.get(index - 1) == snapshot.last().term(),
        "a snapshot is of what is committed",
        name(node) + " has one of " + snapshot.last());
    check(
        !known || committedTimes.get(index - 1) == snapshot.clusterTimeMillis(),
        "a snapshot has the cluster time of its last entry",
        name(node) + " has " + snapshot);
  }

  /** A snapshot, taken or installed, is durable on {@code node}. */
  public void snapshotStored(int node, SnapshotMeta snapshot) {
    isCommitted(node, snapshot);
    snapshotOf[node] = Math.max(snapshotOf[node], snapshot.last().index());
  }

  /** {@code node} drops entries before {@code firstKept}. */
  public void compacting(int node, long firstKept) {
    check(
        firstKept - 1 <= snapshotOf[node],
        "only what is in a durable snapshot is compacted",
        name(node) + " keeps from " + firstKept + ", has a snapshot of " + snapshotOf[node]);
  }

  /** {@code node} drops its whole log. */
  public void resetting(int node, EntryId last) {
    check(
        last.index() == snapshotOf[node],
        "a log begins anew after the newest snapshot",
        name(node) + " after " + last + ", has a snapshot of " + snapshotOf[node]);
    ObservedLog log = logs[node];
    check(
        log.last() <= last.index() || log.term(last.index()) != last.term(),
        "a log is dropped only if it lacks the snapshot's last entry",
        name(node) + " drops what follows " + last);
    log.clear();
    appendCommitted(log, last.index());
    log.forced();
  }

  /** The state machine of {@code node} is that of a snapshot of {@code index}. */
  public void restored(int node, long index) {
    check(
        index <= snapshotOf[node],
        "only a durable snapshot is restored",
        name(node) + " restores " + index + ", has a snapshot of " + snapshotOf[node]);
    appliedOf[node] = index;
  }

  /** The state machine of {@code node} has this state after {@code index}. */
  public void state(int node, long index, long digest) {
    Long before = states.putIfAbsent(index, digest);
    check(
        before == null || before == digest,
        "states are the same at the same index",
        name(node) + " has another one at " + index);
  }

  public void appended(int node, List<Entry> entries) {
    ObservedLog log = logs[node];
    for (Entry entry : entries) {
      check(
          entry.index() == log.last() + 1,
          "a log has no holes",
          name(node) + " appends " + entry.id() + " after " + log.last());
      check(
          entry.clusterTimeMillis() >= log.clusterTime(log.last()),
          "cluster time never decreases",
          name(node) + " appends " + entry.id() + " at " + entry.clusterTimeMillis());
      seen(entry, log.term(log.last()));
      log.append(entry);
    }
  }

  public void truncated(int node, long fromIndex) {
    check(
        fromIndex > committed() || logs[node].term(fromIndex) != committedTerms.get(fromIndex - 1),
        "what is committed never changes",
        name(node) + " truncates from " + fromIndex + ", committed is " + committed());
    logs[node].truncate(fromIndex);
  }

  /** All that {@code node} appended is durable. */
  public void forced(int node) {
    logs[node].forced();
  }

  /** The stamp of what was committed last. */
  public long committedMillis() {
    return committedTimes.size() == 0 ? 0 : committedTimes.get(committedTimes.size() - 1);
  }

  /**
   * The log matching property, for an entry that is somewhere after one of {@code previousTerm}.
   */
  private void seen(Entry entry, long previousTerm) {
    long millis = now.getAsLong() / 1_000_000;
    check(
        entry.clusterTimeMillis() <= millis + millis * clusterTimeRatePpm / 1_000_000 + 1,
        "cluster time never runs ahead of real time",
        entry.id() + " is stamped " + entry.clusterTimeMillis() + " at " + millis);
    Violation wrong = observed.seen(entry, previousTerm);
    if (wrong != null) {
      report(wrong);
    }
  }

  /** The membership in force after all that is committed. */
  public Membership membership() {
    long last = committed();
    return last == 0
        ? observed.founders()
        : observed.membership(committedTerms.get(last - 1), last);
  }

  /** {@code node} hands {@code message} to its transport. {@code durable} is its vote on disk. */
  public void sending(int node, int to, Message message, HardState durable) {
    switch (message) {
      case Message.Append append -> {
        leads(node, append.term());
        long previousTerm = append.previous().term();
        for (Entry entry : append.entries()) {
          if (observed.follow(entry)) {
            seen(entry, previousTerm);
          }
          previousTerm = entry.term();
        }
      }
      case Message.Heartbeat heartbeat -> leads(node, heartbeat.term());
      case Message.VoteReply reply -> {
        if (reply.granted()) {
          voted(node, nodes.get(to), reply.term(), durable);
        }
      }
      case Message.Appended reply ->
          check(
              reply.match() <= flushed(node),
              "no append reply before the flush",
              name(node) + " says " + reply.match() + ", has forced " + flushed(node));
      default -> {}
    }
  }

  private void voted(int node, NodeId candidate, long term, HardState durable) {
    check(
        durable.term() > term || durable.equals(new HardState(term, candidate)),
        "no vote before the flush",
        name(node) + " votes for " + candidate + " in " + term + ", on disk is " + durable);
    NodeId before = votes.get(node).putIfAbsent(term, candidate);
    check(
        before == null || before.equals(candidate),
        "one vote a term",
        name(node) + " votes in " + term + " for " + before + " and " + candidate);
    long lacks = losses.firstLacking(node, logs[node], committedTerms);
    check(
        lacks == 0,
        "no vote without what was lost and is committed",
        name(node) + " votes in " + term + " and has lost entry " + lacks);
  }

  private void leads(int node, long term) {
    NodeId before = leaders.putIfAbsent(term, nodes.get(node));
    check(
        before == null || before.equals(nodes.get(node)),
        "one leader a term",
        before + " and " + name(node) + " lead in " + term);
  }

  /** {@code node} says this of itself, after whatever it did last. */
  public void status(int node, RaftStatus status, HardState durable) {
    check(
        status.commitIndex() >= commitOf[node],
        "committed never goes back",
        name(node) + " from " + commitOf[node] + " to " + status.commitIndex());
    check(
        status.appliedIndex() <= status.commitIndex(),
        "applied <= committed",
        name(node) + " " + status.appliedIndex() + " > " + status.commitIndex());
    boolean leads = status.isLeader();
    boolean leadsOn = leads && leading[node] && status.term() == termOf[node];
    check(
        !leadsOn
            || status.commitIndex() == commitOf[node]
            || status.commitIndex() >= status.firstIndexOfTerm(),
        "a leader commits by counting only in its own term",
        name(node) + " commits " + status.commitIndex() + " in " + status.term());
    if (leads && (!leading[node] || status.term() != termOf[node])) {
      elected(node, status, durable);
    }
    check(
        status.state().serves(),
        "no replica is told that its state is another",
        name(node) + ": " + status.state());
    leading[node] = leads;
    for (long index = committed() + 1; index <= status.commitIndex(); index++) {
      committed(node, status.term(), index);
    }
    commitOf[node] = status.commitIndex();
    termOf[node] = Math.max(durable.term(), 0);
    votesForNobody[node] = status.repairing();
  }

  private void elected(int node, RaftStatus status, HardState durable) {
    leads(node, status.term());
    check(
        durable.equals(new HardState(status.term(), nodes.get(node))),
        "a leader has its own vote on disk",
        name(node) + " leads in " + status.term() + ", on disk is " + durable);
    check(
        status.lastLog().index() >= committed(),
        "a leader has all that was committed",
        name(node)
            + " in "
            + status.term()
            + " ends at "
            + status.lastLog()
            + ", committed is "
            + committed());
    boolean allWritten = logs[node].last() >= status.lastLog().index();
    for (long i = 1; allWritten && i <= committed(); i++) {
      check(
          logs[node].term(i) == committedTerms.get(i - 1),
          "a leader has all that was committed",
          name(node) + " in " + status.term() + " has another entry at " + i);
    }
  }

  /**
   * The entry at {@code index} must be on the disks of a majority. Which entry that is, the commit
   * index does not say: by now the node may be in a later term than the leader whose commit it took
   * over or was. So the newest leader's log that holds such an entry counts.
   */
  private void committed(int node, long term, long index) {
    for (long leader : observed.termsUpTo(term)) {
      long made = observed.termAt(leader, index);
      if (made != 0 && held(index, made, leader)) {
        committedTerms.add(made);
        committedDigests.add(observed.digest(made, index));
        committedTimes.add(observed.clusterTimeMillis(made, index));
        return;
      }
    }
    check(false, "committed is on a majority", name(node) + " commits " + index + " in " + term);
  }

  /**
   * Whether every quorum of votes holds the entry: a quorum does, those counted in that vote for
   * nobody, by the membership at its place. Both sets must while that is joint and not committed;
   * from then on the new set alone decides, for nobody who lacks the joint one can lead any more,
   * and nobody who has it can lead without a majority of the new set.
   */
  private boolean held(long index, long term, long leader) {
    List<NodeId> holders = new ArrayList<>();
    for (int node = 0; node < logs.length; node++) {
      boolean holds = logs[node].flushed() >= index && logs[node].term(index) == term;
      if (holds || votesForNobody[node]) {
        holders.add(nodes.get(node));
      }
    }
    Membership inForce = observed.membership(leader, index);
    return observed.membershipSince(leader, index) <= committed()
        ? ObservedMemberships.isMajority(holders, inForce.voters())
        : ObservedMemberships.isQuorum(holders, inForce);
  }

  /** The state machine of {@code node} gets {@code entry}. */
  public void applied(int node, Entry entry) {
    check(
        entry.index() == appliedOf[node] + 1,
        "entries are applied in order",
        name(node) + " applies " + entry.index() + " after " + appliedOf[node]);
    appliedOf[node] = entry.index();
    boolean known = entry.index() <= committed();
    check(known, "applied <= committed", name(node) + " applies " + entry.id());
    check(
        !known || committedDigests.get(entry.index() - 1) == ObservedLog.digest(entry),
        "what is committed never changes",
        name(node) + " applies another entry at " + entry.index());
  }

  private String name(int node) {
    return nodes.get(node).text();
  }
}
