package io.lockstep.raft.peer;

import java.util.EnumMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the peer port tells the operator. Each reason of refusal is told at once and then at most
 * every ten seconds, with the number left out: a hostile or lost peer must not fill a disk. Owned
 * by the event loop.
 */
final class PeerLog {
  private static final Logger LOGGER = LoggerFactory.getLogger(PeerTransport.class);
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final EnumMap<Refusal, Told> refused = new EnumMap<>(Refusal.class);
  private final EnumMap<Refusal, Told> refusedByPeer = new EnumMap<>(Refusal.class);

  private static final class Told {
    private long atNanos;
    private long leftOut;
  }

  void refused(Rejection rejection, Object remote) {
    tell(refused, rejection, "refused", remote);
  }

  void refusedByPeer(Rejection rejection, Object remote) {
    tell(refusedByPeer, rejection, "was refused by", remote);
  }

  void info(String text, Object... values) {
    LOGGER.info(text, values);
  }

  private static void tell(
      EnumMap<Refusal, Told> told, Rejection rejection, String verb, Object remote) {
    if (rejection.refusal() == Refusal.NOT_READY) {
      LOGGER.debug("peer link {} {}: {}", verb, remote, rejection.text());
      return;
    }
    long now = System.nanoTime();
    Told last = told.get(rejection.refusal());
    if (last != null && now - last.atNanos < PAUSE_NANOS) {
      last.leftOut++;
      return;
    }
    Told next = new Told();
    next.atNanos = now;
    told.put(rejection.refusal(), next);
    LOGGER.warn(
        "peer link {} {} ({}): {}{}",
        verb,
        remote,
        rejection.refusal().label(),
        rejection.text(),
        last == null || last.leftOut == 0 ? "" : "; " + last.leftOut + " more like it before");
  }
}
