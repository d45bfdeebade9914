package io.lockstep.raft.journal.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A data directory that this process must not start on. The message is one line for an operator.
 */
public final class DataDirectoryException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Why not. */
  public enum Reason {
    /** Another process holds it. */
    IN_USE,
    /** It is another member's, a later version's, or no data directory at all. */
    FOREIGN,
    /** Something that was durable is gone or altered. */
    DAMAGED
  }

  private final Reason reason;

  DataDirectoryException(Reason reason, Path where, String what) {
    super(where + ": " + what);
    this.reason = reason;
  }

  /** Why the process must not start on it. */
  public Reason reason() {
    return reason;
  }
}
