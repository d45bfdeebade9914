package io.lockstep.http.service;

/** Why a request was not even tried. It took no effect and will take none. */
public enum Refusal {
  /** No leader was known, or none took the request, by its deadline. */
  NO_LEADER,
  /** A bounded queue is full, or the leader makes no progress. */
  OVERLOADED,
  /** The leader's log disk has only its reserve left: nothing may grow. */
  NO_SPACE,
  /** The node is stopping. */
  SHUTTING_DOWN,
  /** This node's state is not the other replicas', or nobody knows whose is right. */
  DIVERGED,
  /** A read: no majority confirmed by its deadline that the state is current. */
  NOT_CONFIRMED,
  /** A read: this node's state was not as new as asked by its deadline. */
  NOT_REACHED
}
