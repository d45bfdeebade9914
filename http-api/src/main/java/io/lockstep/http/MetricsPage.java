package io.lockstep.http;

/** What is served at {@code /metrics}; supplied by the process. Called on a worker thread. */
public interface MetricsPage {
  /** The media type of {@link #text}. */
  String contentType();

  /** The figures of this moment. */
  String text();
}
