package io.lockstep.raft.journal;

import java.io.IOException;

/**
 * There is no room on the disk for a new file. A state, not a fault: nothing is half done, what was
 * durable stays so, and the attempt may be repeated.
 */
public final class NoSpaceException extends IOException {
  private static final long serialVersionUID = 1L;

  public NoSpaceException(String message) {
    super(message);
  }

  public NoSpaceException(String message, Throwable cause) {
    super(message, cause);
  }
}
