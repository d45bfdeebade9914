package io.lockstep.raft.node;

import io.lockstep.raft.Contact;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.LogStore.Room;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the service above may ask of its node. All methods may be called from any thread and return
 * at once.
 *
 * @param <R> the state machine's result
 */
public interface RaftHandle<R> {
  /** Proposes a command; only a leader can. A full queue answers {@code Overloaded}. */
  void propose(Bytes command, Completion<R> completion);

  /** Asks for the moment from which this node's published state is current; any node can. */
  void read(ReadCompletion completion);

  /**
   * Asks for another membership; only a leader can.
   *
   * @param known contacts of members that the membership may lack: they go into it
   */
  void changeMembership(MembershipChange change, List<Contact> known, ChangeCompletion completion);

  /**
   * Asks for all that is applied here, at one moment from now on.
   *
   * @param taken is called once, on the apply loop, and must be quick; with null when nothing is
   *     applied, or nothing will be any more
   */
  void capture(Consumer<@Nullable Capture> taken);

  /** This node's latest published view of itself. */
  RaftStatus status();

  /** The room on this node's log disk. */
  Room room();

  /** Asks a leader to hand over to {@code to}, or to the most up-to-date peer when null. */
  void transferLeadership(@Nullable NodeId to);
}
