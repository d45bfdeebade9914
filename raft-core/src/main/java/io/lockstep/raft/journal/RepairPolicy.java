package io.lockstep.raft.journal;

import io.lockstep.raft.Entry;
import java.io.IOException;
import java.util.List;

/** Decides whether a damaged log may lose what follows the damage; asked before anything is cut. */
@FunctionalInterface
public interface RepairPolicy {
  /**
   * Returns if it may.
   *
   * @param damage what was found
   * @param memberships the membership entries before it, in order
   * @throws IOException if it must not: the start ends with it, and nothing has changed
   */
  void allow(DamagedJournalException damage, List<Entry> memberships) throws IOException;
}
