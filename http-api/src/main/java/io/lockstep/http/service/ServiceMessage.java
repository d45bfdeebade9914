package io.lockstep.http.service;

import io.lockstep.kv.result.Applied;
import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Timing;
import org.jspecify.annotations.Nullable;

/**
 * What the services of two nodes say to each other.
 *
 * <p>A request crosses one link at most: a node that does not lead refuses it and never passes it
 * on, so that no loop can form. Answers carry the start number of the asking node's life: an answer
 * to an earlier life matches nothing.
 */
sealed interface ServiceMessage {
  /** Tells the life of the node that asked from its earlier ones. */
  long startNumber();

  /** Counts up within that life. */
  long id();

  /**
   * Propose this, if you lead.
   *
   * @param payload the encoded request
   */
  record Forward(long startNumber, long id, Lane lane, Bytes payload) implements ServiceMessage {}

  /** It was applied; {@code timing} was measured by the node that led. */
  record Answered(long startNumber, long id, Applied applied, Timing timing)
      implements ServiceMessage {}

  /** Nothing happened and nothing will. */
  record Refused(long startNumber, long id, Refusal refusal) implements ServiceMessage {}

  /** It may take effect or not. */
  record FateUnknown(long startNumber, long id) implements ServiceMessage {}

  /** Change the membership, if you lead. */
  record AskChange(long startNumber, long id, MembershipChange change) implements ServiceMessage {}

  /** What became of it. */
  record ChangeAnswered(long startNumber, long id, ChangeOutcome outcome)
      implements ServiceMessage {}

  /** Hand leadership over, if you lead: to {@code to}, or to whom you like when null. */
  record AskTransfer(long startNumber, long id, @Nullable NodeId to) implements ServiceMessage {}
}
