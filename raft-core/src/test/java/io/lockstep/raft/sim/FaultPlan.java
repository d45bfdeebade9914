package io.lockstep.raft.sim;

import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which classes of fault a run has. Drawn a class at a time (swarm testing): a run with few kinds
 * of fault gets to places that one with all of them never reaches.
 *
 * @param faults those that are on
 */
public record FaultPlan(Set<Fault> faults) {
  /** A run without any fault. */
  public static final FaultPlan NONE = new FaultPlan(EnumSet.noneOf(Fault.class));

  public FaultPlan {
    faults = new TreeSet<>(faults);
  }

  static FaultPlan of(Chance chance) {
    EnumSet<Fault> on = EnumSet.noneOf(Fault.class);
    int permille = chance.oneIn(8) ? 0 : (int) chance.between(100, 700);
    for (Fault fault : Fault.values()) {
      if (!fault.isDrawnApart() && chance.permille(permille)) {
        on.add(fault);
      }
    }
    if (permille > 0 && chance.oneIn(2)) {
      on.add(Fault.LAGGARD);
    }
    return new FaultPlan(on);
  }

  public boolean has(Fault fault) {
    return faults.contains(fault);
  }

  /** This plan with one class of fault more. */
  FaultPlan with(Fault fault) {
    Set<Fault> more = new TreeSet<>(faults);
    more.add(fault);
    return new FaultPlan(more);
  }

  /** This plan without one class of fault. */
  FaultPlan without(Fault fault) {
    Set<Fault> rest = new TreeSet<>(faults);
    rest.remove(fault);
    return new FaultPlan(rest);
  }

  @Override
  public String toString() {
    return faults.isEmpty() ? "no faults" : faults.toString();
  }
}
