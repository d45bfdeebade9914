package io.lockstep.kv.watch;

import java.util.List;

/** What a {@link WatchCursor} found on its way. */
public sealed interface WatchStep {
  /** All selected events of one revision. */
  record Frame(long revision, List<Event> events) {
    public Frame {
      events = List.copyOf(events);
    }
  }

  /**
   * All selected events up to and with revision {@code through}.
   *
   * @param frames in order; empty when nothing selected happened
   * @param more whether revisions after {@code through} are there to be looked at
   */
  record Changes(List<Frame> frames, long through, boolean more) implements WatchStep {
    public Changes {
      frames = List.copyOf(frames);
    }
  }

  /**
   * Events after the cursor's position are forgotten: the oldest that are known are of {@code
   * oldestRevision}.
   */
  record Gap(long oldestRevision) implements WatchStep {}
}
