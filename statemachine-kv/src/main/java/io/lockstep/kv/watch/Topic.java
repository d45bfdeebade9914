package io.lockstep.kv.watch;

import io.lockstep.kv.watch.Event.ElectionChange;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** What beside keys can be watched, by name. */
public enum Topic {
  /** Locks and their queues. */
  LOCK,
  /** Who is elected, and what they publish. */
  ELECTION,
  /** Permits of semaphores and their queues. */
  SEMAPHORE,
  /** The ends of leases that hold something then; the name is the id. */
  LEASE,
  /** The tokens that fences have seen. */
  FENCE,
  /** Reserved blocks of ids. */
  SEQUENCE,
  /** Claims of work that is done once a period. */
  ONCE,
  /** Who takes part, and where clients reach them. */
  MEMBER;

  /** What {@code event} is about; null for a key, and for what nobody is told. */
  public static @Nullable Topic of(Event event) {
    return switch (event) {
      case Event.OfKey of -> null;
      case Event.OfLock of -> LOCK;
      case Event.OfElection of -> of.change() == ElectionChange.CANDIDATES ? null : ELECTION;
      case Event.OfSemaphore of -> SEMAPHORE;
      case Event.OfLease of -> LEASE;
      case Event.OfMember of -> MEMBER;
      case Event.OfNumber of ->
          switch (of.kind()) {
            case SEQUENCE -> SEQUENCE;
            case FENCE -> FENCE;
            case ONCE -> ONCE;
          };
    };
  }

  /** The name of what {@code event} is about. */
  public static Bytes name(Event event) {
    return switch (event) {
      case Event.OfKey of -> of.key();
      case Event.OfLock of -> of.name();
      case Event.OfElection of -> of.name();
      case Event.OfSemaphore of -> of.name();
      case Event.OfLease of -> Bytes.utf8(of.lease().toString());
      case Event.OfNumber of -> of.name();
      case Event.OfMember of -> Bytes.utf8(of.member().text());
    };
  }
}
