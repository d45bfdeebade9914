package io.lockstep.raft;

/** What an entry carries. The codes are part of the wire and disk formats: never renumber. */
public enum EntryKind {
  /**
   * Nothing but its stamp: the entry that opens a leader's term, or one that lets cluster time
   * pass.
   */
  EMPTY(0),
  /** A command for the state machine. */
  COMMAND(1),
  /** Who takes part, from this entry on (thesis 4.1): see {@link MembershipCodec}. */
  MEMBERSHIP(2);

  private final int code;

  EntryKind(int code) {
    this.code = code;
  }

  /** The stable code of this kind in the wire and disk formats. */
  public int code() {
    return code;
  }

  /**
   * The kind with this code; throws {@link IllegalArgumentException} for one that this version does
   * not know.
   */
  public static EntryKind ofCode(int code) {
    return switch (code) {
      case 0 -> EMPTY;
      case 1 -> COMMAND;
      case 2 -> MEMBERSHIP;
      default -> throw new IllegalArgumentException("unknown entry kind " + code);
    };
  }
}
