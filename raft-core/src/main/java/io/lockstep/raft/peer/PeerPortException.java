package io.lockstep.raft.peer;

import org.jspecify.annotations.Nullable;

/**
 * The peer port cannot be opened, or the node must not start. The message is one line for the
 * operator.
 */
public final class PeerPortException extends Exception {
  private static final long serialVersionUID = 1L;

  PeerPortException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
