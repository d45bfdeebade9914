package io.lockstep.kv.command;

/** What must be true of a key for a write to it. */
public sealed interface KeyCondition {
  /** Nothing. */
  record Always() implements KeyCondition {}

  /** The key does not exist. */
  record Absent() implements KeyCondition {}

  /** The key exists. */
  record Present() implements KeyCondition {}

  /** The key exists and was last modified at {@code revision}. */
  record RevisionIs(long revision) implements KeyCondition {}
}
