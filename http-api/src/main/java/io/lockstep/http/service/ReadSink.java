package io.lockstep.http.service;

/** Where the fate of a read goes: exactly one call, on any thread; must not block. */
public interface ReadSink {
  /**
   * The published view now holds everything that was acknowledged before the read was asked for.
   */
  void current();

  /** Nobody confirmed that, by the deadline or ever. */
  void refused(Refusal refusal);
}
