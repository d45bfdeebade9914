package io.lockstep.raft;

import io.lockstep.raft.progress.Inflights;
import io.lockstep.raft.progress.Progress.Probe;
import io.lockstep.raft.progress.Progress.Replicate;
import io.lockstep.raft.progress.Progress.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A leader's side of log replication (thesis 3.5, 10.2): what to send to whom, and how far the log
 * is committed.
 *
 * <p>Messages are batched, and streamed ahead of the answers within a window. A follower that does
 * not answer as hoped is probed until the place where the logs part is found. Entries that left the
 * memory are read, one read a follower at a time.
 */
class Replication {
  private static final long MILLI = 1_000_000;

  private final Member member;
  private final RaftLog log;
  private List<Peer> peers;
  private Electorate electorate;
  private long round;

  Replication(Member member) {
    this.member = member;
    this.log = member.log;
    this.peers = member.peers.stream().map(id -> stranger(member, id)).toList();
    this.electorate = member.rules.electorate(member, peers);
  }

  /** The membership has changed: nothing is known yet of who is new. */
  void reconfigure() {
    List<Peer> now = new ArrayList<>(member.peers.size());
    for (NodeId id : member.peers) {
      Peer known = peer(id);
      now.add(known == null ? stranger(member, id) : known);
    }
    peers = now;
    electorate = member.rules.electorate(member, peers);
  }

  private static Peer stranger(Member member, NodeId id) {
    long last = member.log.lastIndex();
    CatchUp catchUp = new CatchUp(member.electionNanosMin, last, member.nowNanos);
    return new Peer(id, new Probe(0, last + 1), catchUp, member.nowNanos);
  }

  List<Peer> peers() {
    return peers;
  }

  @Nullable Peer peer(NodeId id) {
    for (Peer peer : peers) {
      if (peer.id.equals(id)) {
        return peer;
      }
    }
    return null;
  }

  /** Sends everyone what is new to it, as far as its window allows. */
  void broadcast() {
    peers.forEach(this::fill);
  }

  /** Sends a heartbeat to everyone; {@code round} is what answers confirm from now on. */
  void heartbeat(long round) {
    this.round = round;
    peers.forEach(this::heartbeat);
  }

  /** Tells those who do not know how far the log is committed. */
  void tellCommit() {
    for (Peer peer : peers) {
      if (peer.commitTold < knownCommit(peer)) {
        heartbeat(peer);
      }
    }
  }

  void appended(Peer peer, Message.Appended message) {
    Invariant.check(
        message.match() <= log.lastIndex(),
        "a follower matches no more than the leader has",
        message.match(),
        log.lastIndex());
    peer.claimRound = Math.max(peer.claimRound, message.round());
    if (message.match() > peer.progress.match()) {
      peer.advancedNanos = member.nowNanos;
    }
    switch (peer.progress) {
      case Probe probe -> peer.progress = probe.matched(message.match(), window());
      case Replicate replicate -> replicate.matched(message.match());
      case Snapshot snapshot -> {
        snapshot.matched(message.match());
        if (snapshot.match() >= log.start().index()) {
          peer.progress = new Probe(snapshot.match(), snapshot.match() + 1);
        }
      }
    }
    fill(peer);
  }

  /**
   * Goes back to where the logs may match: at most to the last entry of the leader's that is
   * neither after the follower's hint nor of a later term, which passes a conflicting term in one
   * exchange (thesis 3.5).
   */
  void rejected(Peer peer, Message.AppendRejected message) {
    long rejected = message.rejected().index();
    if (rejected <= peer.progress.match() && message.round() > peer.claimRound) {
      takenBack(peer);
    }
    long match = peer.progress.match();
    boolean stale =
        switch (peer.progress) {
          case Probe probe -> rejected != probe.next() - 1;
          case Replicate _ -> false;
          case Snapshot _ -> true;
        };
    if (stale || rejected <= match) {
      return;
    }
    EntryId hint = message.hint();
    long back = log.lastAtOrBefore(Math.min(hint.index(), rejected - 1), hint.term()).index() + 1;
    peer.progress = new Probe(match, Math.max(back, match + 1));
    fill(peer);
  }

  /**
   * The follower lacks, later, what it has claimed: its disk has lost that, and it is under repair.
   * Whatever was committed by that claim stays so; see {@link Elections#takesPart}.
   */
  private void takenBack(Peer peer) {
    if (!(peer.progress instanceof Snapshot)) {
      peer.progress = new Replicate(0, peer.progress.next(), window());
      peer.commitTold = 0;
    }
  }

  /** A snapshot was delivered, and will be restored; or it was not. */
  void snapshotSent(Peer peer, long index, boolean delivered) {
    if (!(peer.progress instanceof Snapshot snapshot)) {
      return;
    }
    if (delivered) {
      long match = snapshot.match();
      peer.progress = new Probe(match, Math.max(match, index) + 1);
      fill(peer);
    } else {
      snapshot.failed(member.nowNanos + member.options.snapshots().retryMillis() * MILLI);
    }
  }

  /** Takes a probe, or what was streamed, for lost when no answer came for a heartbeat. */
  void resendIfStalled(Peer peer) {
    if (peer.progress instanceof Snapshot || needsSnapshot(peer)) {
      fill(peer);
      return;
    }
    boolean stalled =
        peer.progress.match() < log.lastIndex()
            && peer.readFrom == 0
            && member.since(peer.appendSentNanos) >= member.heartbeatNanos
            && member.since(peer.advancedNanos) >= member.heartbeatNanos;
    if (!stalled) {
      return;
    }
    switch (peer.progress) {
      case Probe probe -> {
        probe.resume();
        fill(peer);
      }
      case Replicate replicate -> send(peer, replicate.next(), List.of());
      case Snapshot _ -> {}
    }
  }

  /** Takes entries that were read; they are those of this log, or were until it was compacted. */
  void logRead(long from, List<Entry> entries) {
    for (Peer peer : peers) {
      if (peer.readFrom == from) {
        peer.readFrom = 0;
        if (peer.progress instanceof Replicate replicate
            && replicate.next() == from
            && from > log.start().index()
            && replicate.maySend()) {
          stream(peer, replicate, entries);
        }
        fill(peer);
      }
    }
  }

  /** Raises the commit index to what a majority holds durably; false if nothing new is. */
  boolean advanceCommit() {
    long agreed = agreed();
    if (agreed <= log.committed() || !mayCommit(agreed)) {
      return false;
    }
    log.commitTo(agreed);
    return true;
  }

  /** The highest index that a majority holds durably. */
  long agreed() {
    return electorate.reached(ownMatch(), peer -> peer.progress.match());
  }

  /** The leader's log counts as far as it is flushed, like any other (thesis 10.2.1). */
  long ownMatch() {
    return log.flushed();
  }

  /** Only entries of the leader's own term commit by counting (thesis 3.6.2, figure 3.7). */
  boolean mayCommit(long index) {
    return log.term(index) == member.term();
  }

  /** How long ago a majority, the leader included if it votes, was last known to hear it. */
  long quorumSilenceNanos() {
    return -electorate.reached(0, peer -> -member.since(peer.heardNanos));
  }

  /** The highest round that a majority has echoed, the leader included. */
  long roundEchoed() {
    return electorate.reached(round, peer -> peer.round);
  }

  /** The same of those peers alone that {@code counts} accepts. */
  long roundEchoed(Predicate<Peer> counts) {
    return electorate.reached(round, peer -> counts.test(peer) ? peer.round : 0);
  }

  private void fill(Peer peer) {
    if (needsSnapshot(peer)) {
      peer.progress = new Snapshot(peer.progress.match(), log.snapshotIndex());
    }
    switch (peer.progress) {
      case Probe probe -> {
        if (!probe.waiting()) {
          probe(peer, probe);
        }
      }
      case Replicate replicate -> {
        while (replicate.next() <= log.lastIndex() && replicate.maySend() && peer.readFrom == 0) {
          streamNext(peer, replicate);
        }
      }
      case Snapshot snapshot -> send(peer, snapshot);
    }
  }

  /** Whether the entry before the next one to send is compacted, or that one itself. */
  private boolean needsSnapshot(Peer peer) {
    return peer.progress.next() <= log.start().index();
  }

  /**
   * Only to those who are there: one who is not would only keep the sender waiting. One that took
   * no snapshot may be further than known, for its answers may have been lost: it is probed first.
   * A state that may be wrong is given to nobody.
   */
  private void send(Peer peer, Snapshot snapshot) {
    if (!hears(peer) || !member.state.serves()) {
      return;
    }
    if (snapshot.isOver(member.nowNanos)) {
      Probe again = new Probe(snapshot.match(), log.start().index() + 1);
      peer.progress = again;
      probe(peer, again);
    } else if (!snapshot.isSent()) {
      snapshot.sent();
      member.outbox.add(new Effect.SendSnapshot(peer.id, member.term()));
    }
  }

  /**
   * The lowest index that a follower who is there still wants; {@link Long#MAX_VALUE} for none. One
   * who is not gets a snapshot when it comes back.
   */
  long wantedFrom() {
    long wanted = Long.MAX_VALUE;
    for (Peer peer : peers) {
      if (hears(peer)) {
        long from =
            switch (peer.progress) {
              case Replicate replicate -> replicate.match() + 1;
              case Probe probe -> probe.next();
              case Snapshot snapshot -> snapshot.next();
            };
        wanted = Math.min(wanted, from);
      }
    }
    return wanted;
  }

  private boolean hears(Peer peer) {
    return member.since(peer.heardNanos) < member.electionNanosMin;
  }

  private void probe(Peer peer, Probe probe) {
    long next = probe.next();
    boolean inMemory = next >= log.tailFirst() && next <= log.lastIndex();
    List<Entry> entries = inMemory ? slice(next) : List.of();
    probe.sent(next - 1 + entries.size());
    send(peer, next, entries);
  }

  private void streamNext(Peer peer, Replicate replicate) {
    long next = replicate.next();
    if (next >= log.tailFirst()) {
      stream(peer, replicate, slice(next));
    } else {
      peer.readFrom = next;
      int bytesMax = member.options.appendBytesMax();
      member.outbox.add(new Effect.ReadLog(next, log.tailFirst(), bytesMax));
    }
  }

  private void stream(Peer peer, Replicate replicate, List<Entry> entries) {
    long next = replicate.next();
    long weight = 0;
    for (Entry entry : entries) {
      weight += entry.weightBytes();
    }
    replicate.sent(next - 1 + entries.size(), weight);
    send(peer, next, entries);
  }

  private List<Entry> slice(long from) {
    return log.slice(from, log.lastIndex() + 1, member.options.appendBytesMax());
  }

  private void send(Peer peer, long next, List<Entry> entries) {
    long commit = log.committed();
    peer.appendSentNanos = member.nowNanos;
    peer.commitTold = Math.max(peer.commitTold, Math.min(commit, next - 1 + entries.size()));
    EntryId previous = log.id(next - 1);
    member.send(peer.id, new Message.Append(member.term(), previous, entries, commit, round));
  }

  /** The commit index is bounded by what the follower matches: the rest may not be the leader's. */
  private void heartbeat(Peer peer) {
    long commit = knownCommit(peer);
    peer.commitTold = commit;
    member.send(peer.id, new Message.Heartbeat(member.term(), commit, round));
  }

  private long knownCommit(Peer peer) {
    return Math.min(log.committed(), peer.progress.match());
  }

  private Inflights window() {
    RaftOptions options = member.options;
    return new Inflights(options.inflightMessagesMax(), options.inflightBytesMax());
  }
}
