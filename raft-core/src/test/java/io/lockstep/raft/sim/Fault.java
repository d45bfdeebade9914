package io.lockstep.raft.sim;

/** The classes of fault that a run may have; each is on or off for the whole of it. */
public enum Fault {
  /** Messages get lost. */
  LOSS,
  /** Messages arrive twice. */
  DUPLICATION,
  /** Messages overtake each other. */
  REORDERING,
  /** What a cut link swallowed arrives when the cut is over. */
  LATE_DELIVERY,
  /** Groups of nodes that do not hear each other. */
  PARTITION,
  /** A node is heard but does not hear, or the other way round. */
  ONE_WAY_CUT,
  /** A link breaks and comes back, and both ends are told. */
  FLAPPING,
  /** A node is told that a peer's process is gone, though it lives. */
  FALSE_GONE,
  /** One node is cut off, or down, for so long that the others compact what it lacks. */
  LAGGARD,
  /** A process is killed; what it wrote stays. */
  KILL,
  /** A machine loses power; what was not forced may be lost, in part or whole. */
  POWER_CUT,
  /** All machines lose power at once. */
  POWER_CUT_OF_ALL,
  /** A process stands still for a while; its clock does not. */
  PAUSE,
  /** One thread of a process gets no processor for a while. */
  STALL,
  /** Forces take long. */
  SLOW_DISK,
  /** A force fails. */
  FAILING_FORCE,
  /** There is no room for a new segment. */
  FULL_DISK,
  /** Clocks run at different rates. */
  DRIFT,
  /** Leadership is handed over on request. */
  TRANSFER,
  /** Who has just come to lead is killed, cut off or stopped at once. */
  FRESH_LEADER,
  /** A file that one machine keeps is altered: a bit, a sector, or its end. */
  ROT,
  /** Members come, go, and are replaced. */
  MEMBERSHIP,
  /** Hundreds of writes at once, more than the queues take. */
  OVERLOAD,
  /** Lease reads are switched on and off, and what a lease rests on is put under strain. */
  LEASE_READS;

  /** Whether a run has it by a draw of its own, so that the other draws stay what they were. */
  boolean isDrawnApart() {
    return this == ROT || this == MEMBERSHIP || this == OVERLOAD || this == LEASE_READS;
  }
}
