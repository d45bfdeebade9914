package io.lockstep.kv.member;

/** What a member is there for. */
public enum MemberRole {
  /** It votes. */
  VOTER,
  /** It gets the log, and votes once it is caught up. */
  LEARNER,
  /** It gets the log, and never votes. */
  OBSERVER
}
