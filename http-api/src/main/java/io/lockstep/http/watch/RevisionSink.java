package io.lockstep.http.watch;

import io.lockstep.kv.watch.WatchStep;

/** Where the changes go that a {@link RevisionWatch} finds. Called on its hub's loop. */
public interface RevisionSink {
  /** Whether nothing more can be taken now: then the watch waits to be resumed. */
  boolean full();

  /** All selected changes up to a revision, at least one; how many bytes they came to. */
  int changes(WatchStep.Changes changes);

  /** The changes before {@code oldestRevision} are forgotten. The watch is over. */
  void gap(long oldestRevision);

  /** This node is stopping. The watch is over. */
  void stopping();

  /** This node's state is not the other replicas'. The watch is over. */
  void diverged();
}
