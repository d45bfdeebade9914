package io.lockstep.kv.watch;

import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.watch.WatchStep.Changes;
import io.lockstep.kv.watch.WatchStep.Frame;
import io.lockstep.kv.watch.WatchStep.Gap;
import java.util.ArrayList;
import java.util.List;

/**
 * A position in the sequence of revisions, and what is looked for from there on. It holds no queue:
 * whoever falls behind is merely behind. Owned by one thread.
 */
public final class WatchCursor {
  /** At most so many revisions are looked at in one step. */
  private static final int REVISIONS_A_STEP = 4096;

  private final Selection selection;
  private long position;

  /**
   * A cursor that gives the events of revisions greater than {@code after}. For a watch {@code
   * from=R} that is {@code R - 1}; it may lie in the future.
   */
  public WatchCursor(Selection selection, long after) {
    this.selection = selection;
    this.position = after;
  }

  /** Up to where everything selected was given. */
  public long position() {
    return position;
  }

  public Selection selection() {
    return selection;
  }

  /**
   * Declares that nothing selected lies between the position and {@code revision}; never moves
   * back.
   */
  public void skipTo(long revision) {
    position = Math.max(position, revision);
  }

  /**
   * Moves on. The events of a revision come whole.
   *
   * @param log the published one, or any later one than at the step before
   * @param bytesMax after how many bytes of events to stop; the frame that passes it is still given
   */
  public WatchStep next(EventLog log, long bytesMax) {
    long head = log.head().number();
    if (position >= head) {
      return new Changes(List.of(), position, false);
    }
    if (position < log.compacted()) {
      return new Gap(log.compacted() + 1);
    }
    List<Frame> frames = new ArrayList<>();
    MapCursor<Long, Revision> revisions = log.from(position + 1);
    long bytes = 0;
    for (int i = 0; i < REVISIONS_A_STEP && position < head && bytes < bytesMax; i++) {
      Revision revision = revisions.nextValue();
      if (revision == null) {
        break;
      }
      position = revision.number();
      List<Event> selected = selected(revision);
      if (!selected.isEmpty()) {
        frames.add(new Frame(position, selected));
        bytes += weightOf(selected);
      }
    }
    return new Changes(frames, position, position < head);
  }

  private List<Event> selected(Revision revision) {
    List<Event> selected = new ArrayList<>();
    for (Event event : revision.events()) {
      if (selection.selects(event)) {
        selected.add(event);
      }
    }
    return selected;
  }

  private static long weightOf(List<Event> events) {
    long sum = 0;
    for (Event event : events) {
      sum += event.weightBytes();
    }
    return sum;
  }
}
