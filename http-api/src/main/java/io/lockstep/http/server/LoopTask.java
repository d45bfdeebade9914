package io.lockstep.http.server;

import org.jspecify.annotations.Nullable;

/**
 * Work handed to an {@link HttpLoop}, and its own link in the loop's inbox: posted once at most.
 */
public abstract class LoopTask {
  @Nullable LoopTask next;

  /** Runs on the loop. */
  protected abstract void run();
}
