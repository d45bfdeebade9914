package io.lockstep.http.watch;

import org.jspecify.annotations.Nullable;

/**
 * How frames are written.
 *
 * @param kind what they are to a client's reader
 * @param watch the name that the client gave to one of several watches on one stream; null where
 *     there is one alone
 */
public record WatchForm(Kind kind, @Nullable String watch) {
  /** Server-sent events, of one watch. */
  public static final WatchForm EVENTS = new WatchForm(Kind.EVENTS, null);

  /** One JSON object a line, of one watch. */
  public static final WatchForm LINES = new WatchForm(Kind.LINES, null);

  /** What readers know. */
  public enum Kind {
    /** Server-sent events. */
    EVENTS,
    /** One JSON object a line. */
    LINES
  }

  /** The same for one of several watches. */
  public WatchForm of(String name) {
    return new WatchForm(kind, name);
  }
}
