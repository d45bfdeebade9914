package io.lockstep.raft.journal;

import java.io.IOException;

/** The log was written by another member, or by a later version: not for this node to touch. */
public final class ForeignJournalException extends IOException {
  private static final long serialVersionUID = 1L;

  public ForeignJournalException(String message) {
    super(message);
  }
}
