package io.lockstep.http.watch;

import io.lockstep.http.response.JsonText;

/** Where the frames of one watch go. Owned by its hub's loop. */
public interface WatchOutlet {
  /**
   * Says whom to call; called once, before all else.
   *
   * @param drained each time there is room again after it was {@link #full}
   * @param gone when nobody is there any more
   */
  void attach(Runnable drained, Runnable gone);

  /** Sends the head, with the revision of the state that the watch begins at. */
  void begin(WatchForm form, long revision);

  /** Whether nothing more can be taken now; if so {@code drained} is called, or never again. */
  boolean full();

  /** Empty scratch memory for a text that is sent before this method is called again. */
  JsonText json();

  /** Sends a copy of {@code text}. */
  void write(JsonText text);

  /** Sends a copy of {@code bytes}. */
  void write(byte[] bytes);

  /** A frame is begun that goes out in pieces: no other may come in between. */
  default void hold() {}

  /** That frame is complete. */
  default void release() {}

  /** Ends the stream. */
  void end();

  /** Ends it in the middle of what was sent, so that its reader sees that it is torn. */
  void cut();

  /** The time on the clock by which the hub's sweeps come. */
  long nanoTime();
}
