package io.lockstep.raft.statemachine;

import java.io.IOException;

/** A snapshot is not what its format allows. Nothing was changed by the attempt to read it. */
public final class UnreadableSnapshotException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** Why it cannot be read. */
  public enum Reason {
    /** It is altered, cut short, or was never a snapshot. */
    DAMAGED,
    /** A later version of Lockstep wrote it, in a format that this one does not know. */
    NEWER
  }

  /**
   * A snapshot that is refused.
   *
   * @param message what is wrong with which part, and what to do if that is known
   */
  public UnreadableSnapshotException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** A part in a format of later than {@code known}. */
  public static UnreadableSnapshotException newer(String part, long found, long known) {
    return new UnreadableSnapshotException(
        Reason.NEWER,
        part
            + " is in format "
            + found
            + ", where "
            + known
            + " is the latest that this program knows: a later version of Lockstep wrote it,"
            + " start that version");
  }

  public static UnreadableSnapshotException damaged(String what) {
    return new UnreadableSnapshotException(Reason.DAMAGED, what);
  }
}
