package io.lockstep.raft;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A leader's side of linearizable reads (thesis 6.4), in numbered rounds.
 *
 * <p>A read joins the <em>next</em> round: one that starts after the read came in. A round takes
 * the commit index as it starts, and is confirmed when a majority has answered, in this term, a
 * message of this round or a later one: so nobody had replaced the leader when the round started.
 * Reads that come in before the leader has committed an entry of its own term wait for that: until
 * then it does not know what is committed.
 *
 * <p>While a {@link LeaderLease} runs, a read needs no round. The rounds of the heartbeats renew
 * it.
 */
class ReadRounds {
  private final Member member;
  private final ClusterClock clock;
  private final Replication replication;
  private final LeaderLease lease;
  private final long firstIndexOfTerm;
  private List<Long> tickets = new ArrayList<>();
  private List<Question> questions = new ArrayList<>();
  private @Nullable Round inFlight;
  private long started;

  private record Question(NodeId from, Message.ReadIndex ask) {}

  private record Round(
      long number, long index, Readers.Moment start, List<Long> tickets, List<Question> questions) {
    boolean unread() {
      return tickets.isEmpty() && questions.isEmpty();
    }
  }

  ReadRounds(
      Member member,
      ClusterClock clock,
      Replication replication,
      LeaderLease lease,
      long firstIndexOfTerm) {
    this.member = member;
    this.clock = clock;
    this.replication = replication;
    this.lease = lease;
    this.firstIndexOfTerm = firstIndexOfTerm;
  }

  void read(long ticket) {
    Round round = inFlight;
    int open = tickets.size() + (round == null ? 0 : round.tickets().size());
    if (member.readsFull(open)) {
      member.complete(ticket, new Outcome.Overloaded());
      return;
    }
    if (servesByLease()) {
      member.readers.confirmed(member.log.committed(), moment(), List.of(ticket));
      return;
    }
    tickets.add(ticket);
    startIfDue();
  }

  void asked(NodeId from, Message.ReadIndex ask) {
    if (questions.size() >= member.options.proposalsInflightMax()) {
      refuse(new Question(from, ask));
      return;
    }
    if (servesByLease()) {
      answer(new Question(from, ask), member.log.committed(), moment());
      return;
    }
    questions.add(new Question(from, ask));
    startIfDue();
  }

  /**
   * Starts a round if reads wait for one, no other read is in flight, and the leader may serve. A
   * round that nobody waits for gives way.
   */
  void startIfDue() {
    Round round = inFlight;
    boolean wanted = !tickets.isEmpty() || !questions.isEmpty();
    if (wanted && (round == null || round.unread()) && mayServe()) {
      start();
    }
  }

  /** A heartbeat is due: it repeats the round in flight, or is a round of its own. */
  void heartbeat() {
    if (inFlight == null && mayServe()) {
      start();
    } else {
      replication.heartbeat(started);
    }
  }

  /** Messages were answered: confirms the round in flight if that was a majority. */
  void echoed() {
    lease.echoed();
    Round round = inFlight;
    if (round != null && replication.roundEchoed() >= round.number()) {
      inFlight = null;
      confirm(round);
      startIfDue();
    }
  }

  /** The office is lost. */
  void close() {
    Round round = inFlight;
    if (round != null) {
      member.completeAll(round.tickets(), new Outcome.NotLeader(null));
      round.questions().forEach(this::refuse);
    }
    member.completeAll(tickets, new Outcome.NotLeader(null));
    questions.forEach(this::refuse);
    inFlight = null;
  }

  /** Whether the leader has committed an entry of its term (thesis 6.4, step 1). */
  boolean mayServe() {
    return member.log.committed() >= firstIndexOfTerm;
  }

  /** The step's time was taken after the read came in: so the lease still ran when it was there. */
  private boolean servesByLease() {
    boolean serves = mayServe() && lease.runs();
    member.leaseReads += serves ? 1 : 0;
    return serves;
  }

  private void start() {
    started++;
    lease.roundStarts(started);
    inFlight = new Round(started, member.log.committed(), moment(), tickets, questions);
    tickets = new ArrayList<>();
    questions = new ArrayList<>();
    replication.heartbeat(started);
    echoed();
  }

  private void confirm(Round round) {
    member.roundsConfirmed++;
    member.readers.confirmed(round.index(), round.start(), round.tickets());
    round.questions().forEach(question -> answer(question, round.index(), round.start()));
  }

  /** The running step. */
  private Readers.Moment moment() {
    return new Readers.Moment(member.nowNanos, clusterTimeMillis(clock));
  }

  /** What cluster time has not passed yet: it is this leader's, whatever was stamped last. */
  long clusterTimeMillis(ClusterClock present) {
    return present.millis();
  }

  private void answer(Question question, long index, Readers.Moment moment) {
    Message.ReadIndex ask = question.ask();
    member.send(
        question.from(),
        new Message.ReadIndexReply(
            member.term(),
            ask.startNumber(),
            ask.readId(),
            index,
            member.log.lastIndex(),
            moment.clusterTimeMillis()));
  }

  private void refuse(Question question) {
    Message.ReadIndex ask = question.ask();
    member.send(
        question.from(),
        new Message.ReadIndexRefused(member.term(), ask.startNumber(), ask.readId()));
  }
}
