package io.lockstep.raft.journal;

import java.io.IOException;

/**
 * The log on disk lacks something that was forced, or holds what nobody wrote. The node must not
 * start from it: it may have acknowledged what is missing. The message names the place and what to
 * do.
 */
public final class DamagedJournalException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String place;
  private final long position;
  private final String what;

  /**
   * Damage found.
   *
   * @param place the segment, in words for an operator
   * @param position the byte in it at or after which the damage lies
   * @param what what is wrong there
   */
  public DamagedJournalException(String place, long position, String what) {
    super(
        found(place, position, what)
            + ". This node may have acknowledged entries that are lost here, so it does not start."
            + " Keep the directory for inspection; if the other members are a majority, replace"
            + " this member by one with an empty data directory.");
    this.place = place;
    this.position = position;
    this.what = what;
  }

  /** What was found, and where, without what it means. */
  public String found() {
    return found(place, position, what);
  }

  private static String found(String place, long position, String what) {
    return "the log is damaged: " + place + ", at or after byte " + position + ": " + what;
  }

  /** The segment that is damaged. */
  public String place() {
    return place;
  }

  /** The byte in the segment at or after which the damage lies. */
  public long position() {
    return position;
  }
}
