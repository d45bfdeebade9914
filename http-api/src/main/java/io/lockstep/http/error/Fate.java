package io.lockstep.http.error;

/** What a client may conclude about its request from an error. */
public enum Fate {
  /** The request took effect. */
  APPLIED("applied"),
  /** The request took no effect and will take none. */
  NOT_APPLIED("not_applied"),
  /** The request may or may not have taken effect, or may yet. */
  UNKNOWN("unknown");

  private final String text;

  Fate(String text) {
    this.text = text;
  }

  /** As it stands in the member {@code outcome}. */
  public String text() {
    return text;
  }
}
