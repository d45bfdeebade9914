package io.lockstep.http.service;

import io.lockstep.raft.NodeId;
import org.jspecify.annotations.Nullable;

/** Where it is reported who leads after a hand-over: one call, from any thread; must not block. */
@FunctionalInterface
public interface TransferCompletion {
  /** {@code leader} took over; null when nobody did in time. */
  void answered(@Nullable NodeId leader);
}
