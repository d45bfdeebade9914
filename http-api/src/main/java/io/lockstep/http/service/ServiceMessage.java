package io.lockstep.http.service;

import io.lockstep.kv.result.Applied;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Timing;

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
}
