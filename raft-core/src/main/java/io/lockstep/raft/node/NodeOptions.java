package io.lockstep.raft.node;

import io.lockstep.raft.Invariant;

/**
 * Bounds of the queues around the core, and the driver's own times.
 *
 * @param proposalsMax proposals that wait for the core
 * @param proposalBytesMax their commands together
 * @param proposalAgeMillisMax while one has waited this long, new ones are refused
 * @param readsMax reads that were asked for and not answered
 * @param messagesMax messages received and not yet taken in; more are dropped
 * @param messageBytesMax their entries together
 * @param logBacklogBytesMax entries handed to the log writer and not yet durable; beyond it no
 *     proposal is taken and messages with entries are dropped
 * @param forceBytesMax entries written before a force, about
 * @param applyEntriesMax entries applied before a publish, about
 * @param tickMillis how often the core is told that time passes
 * @param roomRetryMillis how often a log without room is tried again
 */
public record NodeOptions(
    int proposalsMax,
    long proposalBytesMax,
    long proposalAgeMillisMax,
    int readsMax,
    int messagesMax,
    long messageBytesMax,
    long logBacklogBytesMax,
    long forceBytesMax,
    int applyEntriesMax,
    long tickMillis,
    long roomRetryMillis) {

  public static final NodeOptions DEFAULT =
      new NodeOptions(
          4_096, 32 << 20, 500, 16_384, 4_096, 64 << 20, 64 << 20, 8 << 20, 4_096, 10, 1_000);

  public NodeOptions {
    Invariant.check(proposalsMax > 0 && proposalBytesMax > 0, "proposals can wait");
    Invariant.check(proposalAgeMillisMax > 0, "a proposal can wait a while");
    Invariant.check(readsMax > 0, "reads can wait");
    Invariant.check(messagesMax > 0 && messageBytesMax > 0, "messages can wait");
    Invariant.check(logBacklogBytesMax > 0 && forceBytesMax > 0, "the log writer has work");
    Invariant.check(applyEntriesMax > 0, "the applier has work");
    Invariant.check(tickMillis > 0 && roomRetryMillis > 0, "time passes");
  }
}
