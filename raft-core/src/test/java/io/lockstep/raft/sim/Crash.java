package io.lockstep.raft.sim;

/** Ends the task in which a simulated process died. Never reported by the code that it unwinds. */
final class Crash extends Error {
  private static final long serialVersionUID = 1L;

  Crash() {
    super("simulated crash", null, false, false);
  }
}
