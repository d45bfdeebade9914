package io.lockstep.raft;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A follower's side of linearizable reads (thesis 6.4): it asks the leader at which index a read
 * may be served, one question at a time, for all readers that came before it. A question that no
 * reader waits for gives way to one that somebody does.
 *
 * <p>A question is never sent twice: the second copy could be answered with an index from before a
 * write that the later readers have seen. When no answer comes the readers are told, and asking
 * again is a new read.
 */
final class ReadRequests {
  private final Member member;
  private final NodeId leader;
  private List<Long> waiting = new ArrayList<>();
  private @Nullable Request asked;

  private record Request(long readId, long sentNanos, List<Long> tickets) {}

  ReadRequests(Member member, NodeId leader) {
    this.member = member;
    this.leader = leader;
  }

  void read(long ticket) {
    int inFlight = asked == null ? 0 : asked.tickets().size();
    if (member.readsFull(waiting.size() + inFlight)) {
      member.complete(ticket, new Outcome.Overloaded());
      return;
    }
    waiting.add(ticket);
    if (inFlight == 0) {
      ask();
    }
  }

  void answered(Message.ReadIndexReply reply) {
    Request request = asked;
    if (request == null || !answers(request, reply.startNumber(), reply.readId())) {
      return;
    }
    asked = null;
    Readers.Moment moment = new Readers.Moment(request.sentNanos(), reply.clusterTimeMillis());
    member.readers.confirmed(reply.index(), moment, request.tickets());
    askForWaiting();
  }

  void refused(Message.ReadIndexRefused refusal) {
    Request request = asked;
    if (request != null && answers(request, refusal.startNumber(), refusal.readId())) {
      asked = null;
      member.completeAll(request.tickets(), new Outcome.NotLeader(null));
      askForWaiting();
    }
  }

  /** Asks once a heartbeat, for the staleness bound, and gives up what got no answer in time. */
  void tick() {
    Request request = asked;
    if (request != null && member.since(request.sentNanos()) >= member.electionNanosMin) {
      asked = null;
      member.completeAll(request.tickets(), new Outcome.NotLeader(leader));
      askForWaiting();
    }
    if (asked == null && member.since(member.readAskedNanos) >= member.heartbeatNanos) {
      ask();
    }
  }

  /** The leader is followed no longer: nobody will answer. */
  void close() {
    if (asked != null) {
      member.completeAll(asked.tickets(), new Outcome.NotLeader(null));
    }
    member.completeAll(waiting, new Outcome.NotLeader(null));
    asked = null;
    waiting = new ArrayList<>();
  }

  private boolean answers(Request request, long startNumber, long readId) {
    return startNumber == member.startNumber && readId == request.readId();
  }

  private void askForWaiting() {
    if (!waiting.isEmpty()) {
      ask();
    }
  }

  private void ask() {
    Request request = new Request(member.nextReadId(), member.nowNanos, waiting);
    waiting = new ArrayList<>();
    asked = request;
    member.readAskedNanos = member.nowNanos;
    member.send(leader, new Message.ReadIndex(member.term(), member.startNumber, request.readId()));
  }
}
