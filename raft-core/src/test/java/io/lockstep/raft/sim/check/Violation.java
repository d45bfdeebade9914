package io.lockstep.raft.sim.check;

/** A property of the contract or of the protocol that a run has broken. */
public final class Violation extends AssertionError {
  private static final long serialVersionUID = 1L;

  private final String property;

  /**
   * Names what broke.
   *
   * @param property short and stable, as "one leader a term"
   * @param detail what was seen
   */
  public Violation(String property, String detail) {
    super(property + ": " + detail);
    this.property = property;
  }

  public String property() {
    return property;
  }
}
