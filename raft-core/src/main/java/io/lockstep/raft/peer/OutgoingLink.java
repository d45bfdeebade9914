package io.lockstep.raft.peer;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.peer.Hello.Purpose;
import io.lockstep.raft.transport.Transport.Receiver;
import io.vertx.core.Context;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The way to one peer: at most one connection, dialed again and again with growing, jittered
 * pauses; at once when one breaks that was up for long. Any thread sends; all else is owned by the
 * event loop.
 */
final class OutgoingLink {
  private final LocalNode local;
  private final Context loop;
  private final Dialer dialer;
  private final NodeId peer;
  private final Predicate<NodeId> heard;
  private volatile @Nullable OutgoingConnection connection;
  private volatile PeerFigures.@Nullable Denial denial;
  private State state = State.IDLE;
  private long pauseMillis;
  private long timer;
  private long upNanos;

  private enum State {
    /** Not started. */
    IDLE,
    /** Until the pause ends. */
    PAUSING,
    /** Until the dialer answers. */
    DIALING,
    /** While the connection lives. */
    UP,
    /** For ever. */
    CLOSED
  }

  /** {@code heard} says whether a connection that the peer opened is up. */
  OutgoingLink(LocalNode local, Context loop, Dialer dialer, NodeId peer, Predicate<NodeId> heard) {
    this.local = local;
    this.loop = loop;
    this.dialer = dialer;
    this.peer = peer;
    this.heard = heard;
    this.pauseMillis = local.options.times().reconnectMillisMin();
  }

  /** Sends, or drops and counts. Any thread. */
  void send(Message message) {
    OutgoingConnection current = connection;
    if (current == null || !current.offer(message)) {
      local.counters.messagesDropped.increment();
    }
  }

  /** Sends; false when it was certainly not sent. Any thread. */
  boolean sendService(Bytes payload) {
    OutgoingConnection current = connection;
    return current != null && current.offer(payload);
  }

  /** Any thread. */
  PeerFigures.Link figures() {
    OutgoingConnection current = connection;
    return new PeerFigures.Link(
        current != null,
        current == null ? 0 : current.waitingBytes(),
        current == null ? RoundTrips.UNKNOWN : current.roundTripNanos(),
        denial);
  }

  /**
   * Dials at once unless it is dialing or up: at the start, and when the peer was heard, so that it
   * must be there.
   */
  void dialNow() {
    if (state == State.IDLE || state == State.PAUSING) {
      local.vertx.cancelTimer(timer);
      dial();
    }
  }

  void close() {
    State before = state;
    state = State.CLOSED;
    local.vertx.cancelTimer(timer);
    OutgoingConnection current = connection;
    if (before == State.UP && current != null) {
      current.close();
    }
  }

  private void dial() {
    state = State.DIALING;
    dialer.dial(peer, Purpose.LINK).onSuccess(this::onAnswer);
  }

  private void onAnswer(Dialer.Answer answer) {
    denial = denialAfter(denial, answer);
    switch (answer) {
      case Dialer.Answer.Welcome welcome -> {
        Rejection rejection = Handshake.check(local.identity(), local.roster(), welcome.hello());
        if (state == State.CLOSED) {
          welcome.socket().close();
        } else if (rejection != null) {
          local.refuse(rejection, peer);
          welcome.reject(rejection);
          pauseAfter(rejection);
        } else {
          up(welcome);
        }
      }
      case Dialer.Answer.Refused refused -> pauseAfter(refused.rejection());
      case Dialer.Answer.GivenUp givenUp -> pauseAfter(givenUp.rejection());
      case Dialer.Answer.Unreachable unreachable -> {
        local.counters.dialsFailed.increment();
        pause(pauseMillis);
        if (!unreachable.listening()) {
          tellIfGone();
        }
      }
    }
  }

  /** Nothing listens there; a process that still has a connection open has not ended, though. */
  private void tellIfGone() {
    Receiver receiver = local.receiver();
    if (receiver != null && state != State.CLOSED && !heard.test(peer)) {
      receiver.onGone(peer);
    }
  }

  private static PeerFigures.@Nullable Denial denialAfter(
      PeerFigures.@Nullable Denial before, Dialer.Answer answer) {
    return answer instanceof Dialer.Answer.Refused(Rejection rejection)
            && rejection.refusal().deniesMembership()
        ? new PeerFigures.Denial(rejection.refusal(), before == null ? 1 : before.times() + 1)
        : null;
  }

  private void up(Dialer.Answer.Welcome welcome) {
    state = State.UP;
    upNanos = System.nanoTime();
    pauseMillis = local.options.times().reconnectMillisMin();
    OutgoingConnection opened = new OutgoingConnection(local, loop, peer, welcome, this::onDown);
    connection = opened;
    local.counters.connects.increment();
    local.log.info("peer link to {} is up", peer);
    opened.begin();
  }

  private void onDown() {
    connection = null;
    if (state == State.CLOSED) {
      return;
    }
    local.log.info("peer link to {} is down", peer);
    if (System.nanoTime() - upNanos > local.options.times().reconnectMillisMax() * 1_000_000) {
      dial();
    } else {
      pause(pauseMillis);
    }
    Receiver receiver = local.receiver();
    if (receiver != null) {
      receiver.onDisconnected(peer);
    }
  }

  /** What stands between the two seldom passes by itself, unless one of them is only late. */
  private void pauseAfter(Rejection rejection) {
    boolean late = rejection.refusal() == Refusal.NOT_READY;
    pause(late ? pauseMillis : local.options.times().reconnectMillisMax());
  }

  private void pause(long millis) {
    if (state == State.CLOSED) {
      return;
    }
    state = State.PAUSING;
    long jittered = millis - ThreadLocalRandom.current().nextLong(millis / 2 + 1);
    pauseMillis = Math.min(2 * pauseMillis, local.options.times().reconnectMillisMax());
    timer = local.vertx.setTimer(Math.max(1, jittered), id -> dial());
  }
}
