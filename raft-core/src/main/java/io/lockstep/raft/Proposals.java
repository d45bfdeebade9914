package io.lockstep.raft;

import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * What a leader has put into the log and who waits for it. Stamps each entry with term, index and
 * cluster time.
 */
final class Proposals {
  private final Member member;
  private final ClusterClock clock;
  private final long[] tickets;
  private final long[] indexes;
  private final int[] weights;
  private int head;
  private int open;
  private long openBytes;

  Proposals(Member member, ClusterClock clock) {
    this.member = member;
    this.clock = clock;
    this.tickets = new long[member.options.proposalsInflightMax()];
    this.indexes = new long[tickets.length];
    this.weights = new int[tickets.length];
  }

  /** How many tickets are open. */
  int open() {
    return open;
  }

  /** Appends the proposals that there is room for. */
  void propose(List<Input.Proposal> proposals) {
    List<Entry> entries = new ArrayList<>(proposals.size());
    long index = member.log.lastIndex();
    for (Input.Proposal proposal : proposals) {
      if (full()) {
        member.complete(proposal.ticket(), new Outcome.Overloaded());
        continue;
      }
      index++;
      Entry entry =
          new Entry(index, member.term(), clock.millis(), EntryKind.COMMAND, proposal.command());
      entries.add(entry);
      int slot = (head + open) % tickets.length;
      tickets[slot] = proposal.ticket();
      indexes[slot] = index;
      weights[slot] = entry.weightBytes();
      open++;
      openBytes += entry.weightBytes();
    }
    if (!entries.isEmpty()) {
      member.append(entries);
    }
  }

  /** Appends an entry that carries nothing but its stamp. */
  void appendEmpty() {
    append(EntryKind.EMPTY, Bytes.EMPTY);
  }

  /** Appends the membership that is in force from there on. */
  void appendMembership(Membership membership) {
    append(EntryKind.MEMBERSHIP, MembershipCodec.encode(membership));
  }

  /** Completes what is committed now. */
  void committed() {
    while (open > 0 && indexes[head] <= member.log.committed()) {
      complete(new Outcome.Committed(indexes[head]));
    }
  }

  /** The office is lost: whether the rest takes effect is for a later leader to decide. */
  void close() {
    while (open > 0) {
      complete(new Outcome.Unknown());
    }
  }

  /** Entries that are not committed stay in memory, so they have a bound in bytes too. */
  private boolean full() {
    return open == tickets.length || openBytes >= member.options.tailBytesMax();
  }

  private void complete(Outcome outcome) {
    member.complete(tickets[head], outcome);
    openBytes -= weights[head];
    head = (head + 1) % tickets.length;
    open--;
  }

  private void append(EntryKind kind, Bytes payload) {
    long index = member.log.lastIndex() + 1;
    member.append(List.of(new Entry(index, member.term(), clock.millis(), kind, payload)));
  }
}
