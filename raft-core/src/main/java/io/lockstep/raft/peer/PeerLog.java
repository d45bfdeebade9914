package io.lockstep.raft.peer;

import java.util.EnumMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the peer port tells the operator. Each reason of refusal is told at once and then at most
 * every ten seconds, with the number left out: a hostile or lost peer must not fill a disk. That a
 * node is not ready yet is normal and is not told. Owned by the event loop.
 */
final class PeerLog {
  private static final Logger LOGGER = LoggerFactory.getLogger(PeerTransport.class);
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier nanoTime;
  private final Consumer<String> warnings;
  private final EnumMap<Refusal, Told> refused = new EnumMap<>(Refusal.class);
  private final EnumMap<Refusal, Told> refusedByPeer = new EnumMap<>(Refusal.class);

  private static final class Told {
    private final long atNanos;
    private long leftOut;

    Told(long atNanos) {
      this.atNanos = atNanos;
    }
  }

  PeerLog() {
    this(System::nanoTime, LOGGER::warn);
  }

  PeerLog(LongSupplier nanoTime, Consumer<String> warnings) {
    this.nanoTime = nanoTime;
    this.warnings = warnings;
  }

  void refused(Rejection rejection, Object remote) {
    tell(refused, rejection, "refused " + remote);
  }

  void refusedByPeer(Rejection rejection, Object remote) {
    tell(refusedByPeer, rejection, "was refused by " + remote);
  }

  void info(String text, Object... values) {
    LOGGER.info(text, values);
  }

  private void tell(EnumMap<Refusal, Told> told, Rejection rejection, String what) {
    if (rejection.refusal() == Refusal.NOT_READY) {
      return;
    }
    long now = nanoTime.getAsLong();
    Told last = told.get(rejection.refusal());
    if (last != null && now - last.atNanos < PAUSE_NANOS) {
      last.leftOut++;
      return;
    }
    told.put(rejection.refusal(), new Told(now));
    String more =
        last == null || last.leftOut == 0 ? "" : "; " + last.leftOut + " more like it before";
    warnings.accept(
        "peer link " + what + " (" + rejection.refusal().label() + "): " + rejection.text() + more);
  }
}
