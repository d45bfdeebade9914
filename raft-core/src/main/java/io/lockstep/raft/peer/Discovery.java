package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.FirstStart;
import io.lockstep.raft.identity.Introduction;
import io.lockstep.raft.peer.Hello.Purpose;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks all peers who they are until the first start is decided. Only answers to its own questions
 * count, one question a peer at a time: {@link FirstStart} relies on hearing each peer in the order
 * in which it spoke. Owned by the event loop.
 */
final class Discovery {
  private static final long SOON_MILLIS = 10;

  private final LocalNode local;
  private final Dialer dialer;
  private final Promise<FirstStart> decided = Promise.promise();
  private @Nullable FirstStart latest;

  Discovery(LocalNode local, Dialer dialer) {
    this.local = local;
    this.dialer = dialer;
  }

  /** Asks until there is a decision other than to wait. */
  Future<FirstStart> run() {
    decide();
    for (NodeId peer : local.options.cluster().keySet()) {
      if (!peer.equals(local.identity().node())) {
        probe(peer);
      }
    }
    return decided.future();
  }

  /** Asks no more; the decision fails unless it was made. */
  void close() {
    decided.tryFail(new PeerPortException("the node stopped before its first start", null));
  }

  private void probe(NodeId peer) {
    if (!decided.future().isComplete()) {
      dialer.dial(peer, Purpose.PROBE).onSuccess(answer -> onAnswer(peer, answer));
    }
  }

  private void onAnswer(NodeId peer, Dialer.Answer answer) {
    long pauseMillis = local.options.times().probeMillis();
    if (answer instanceof Dialer.Answer.Welcome welcome) {
      welcome.socket().close();
      if (decided.future().isComplete()) {
        return;
      }
      FirstStart before = latest;
      hear(welcome.hello());
      pauseMillis = Objects.equals(before, latest) ? pauseMillis : SOON_MILLIS;
    }
    local.vertx.setTimer(pauseMillis, id -> probe(peer));
  }

  private void hear(Hello hello) {
    Introduction peer = hello.introduction();
    Rejection misdirected = Handshake.checkIntended(local.identity(), hello);
    if (misdirected != null) {
      local.refuse(misdirected, peer.node());
      return;
    }
    local.hear(peer);
    decide();
  }

  private void decide() {
    FirstStart decision = local.decide();
    if (!decision.equals(latest)) {
      latest = decision;
      switch (decision) {
        case FirstStart.Wait wait ->
            local.log.info(
                "first start: not heard yet: {}; not agreed yet: {}",
                wait.unheard(),
                wait.undecided());
        case FirstStart.Form form -> decided.tryComplete(form);
        case FirstStart.Adopt adopt -> decided.tryComplete(adopt);
        case FirstStart.Refuse refuse -> decided.tryComplete(refuse);
      }
    }
  }
}
