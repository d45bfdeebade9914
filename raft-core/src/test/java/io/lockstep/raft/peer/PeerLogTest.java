package io.lockstep.raft.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PeerLogTest {
  @Test
  void aReasonIsToldOnceAndThenAtMostEveryTenSeconds() {
    AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    List<String> told = new ArrayList<>();
    PeerLog log = new PeerLog(now::get, told::add);
    for (int i = 0; i < 100; i++) {
      log.refused(new Rejection(Refusal.BAD_CHECKSUM, "frame " + i), "127.0.0.1:9");
      log.refused(new Rejection(Refusal.NOT_READY, "not yet"), "127.0.0.1:9");
      now.addAndGet(TimeUnit.MILLISECONDS.toNanos(99));
    }
    log.refusedByPeer(new Rejection(Refusal.BAD_CHECKSUM, "go away"), "n2");
    log.refused(new Rejection(Refusal.OVERSIZED, "too long"), "127.0.0.1:8");
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    log.refused(new Rejection(Refusal.BAD_CHECKSUM, "frame 100"), "127.0.0.1:9");
    assertEquals(
        List.of(
            "peer link refused 127.0.0.1:9 (bad-checksum): frame 0",
            "peer link was refused by n2 (bad-checksum): go away",
            "peer link refused 127.0.0.1:8 (oversized): too long",
            "peer link refused 127.0.0.1:9 (bad-checksum): frame 100; 99 more like it before"),
        told);
  }
}
