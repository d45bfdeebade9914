package io.lockstep.raft.node;

import java.io.IOException;

/** What is left on a node's disk is not enough to take part with; the message says what to do. */
public final class RecoveryRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  public RecoveryRefusedException(String message) {
    super(message);
  }
}
