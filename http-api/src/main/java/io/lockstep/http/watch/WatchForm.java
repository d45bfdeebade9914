package io.lockstep.http.watch;

/** How a watch's frames are written. */
public enum WatchForm {
  /** Server-sent events. */
  EVENTS,
  /** One JSON object a line. */
  LINES
}
