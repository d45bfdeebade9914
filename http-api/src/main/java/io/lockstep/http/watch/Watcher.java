package io.lockstep.http.watch;

import io.lockstep.kv.KvView;
import io.lockstep.kv.watch.Selection;

/** Who waits for changes in a {@link WatchHub}. Owned by its loop. */
sealed interface Watcher permits WatchStream, LongPoll, RevisionWatch {
  /** What it waits for. */
  Selection selection();

  /** An event after {@code hubPosition} concerns it, and none up to there did since it was idle. */
  void concerned(long hubPosition);

  /** Everything is uncertain: it must look for itself, from its own position. */
  void lookYourself();

  /** Sends some of what there is; how many bytes. Ready again, idle, parked or over afterwards. */
  int serve(KvView view);

  /**
   * Time passes.
   *
   * @param hubPosition up to where nothing concerned it while it was idle
   * @param quietNanos after how long a reader that hears nothing is told how far it is complete
   */
  void sweep(long nowNanos, long hubPosition, long quietNanos);

  /** This node's state is not the other replicas': there is nothing more to be told. */
  void diverged();

  /** This node is stopping. */
  void goodbye(long hubPosition);
}
