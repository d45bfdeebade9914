package io.lockstep.http.backup;

/** How the bytes of a backup are sent. */
public interface BackupForm {
  /** The content type of the answer. */
  CharSequence contentType();

  /** Whether {@link #piece} wants to know how much follows; it costs a walk over the state. */
  boolean tellsRemaining();

  /**
   * What is sent for a piece of the backup.
   *
   * @param remaining how many bytes of the backup follow; 0 unless {@link #tellsRemaining}
   */
  byte[] piece(byte[] bytes, long remaining);
}
