package io.lockstep.kv.watch;

import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.raft.bytes.Bytes;

/** Which events a watch is about. */
public sealed interface Selection {
  /** Whether {@code event} is one of them. */
  boolean selects(Event event);

  /** Changes of one key. */
  record OneKey(Bytes key) implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfKey of && of.key().equals(key);
    }
  }

  /** Changes of all keys that start with {@code prefix}. */
  record KeyPrefix(Bytes prefix) implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfKey of && of.key().startsWith(prefix);
    }
  }

  /** Changes of all keys within a range. */
  record KeysIn(KeyRange range) implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfKey of && range.contains(of.key());
    }
  }

  /** Changes of one lock and its queue. */
  record OneLock(Bytes name) implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfLock of && of.name().equals(name);
    }
  }

  /** Changes of all locks whose names start with {@code prefix}. */
  record LockPrefix(Bytes prefix) implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfLock of && of.name().startsWith(prefix);
    }
  }

  /** Who is elected in one election, and what they publish. */
  record OneElection(Bytes name) implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfElection of && observed(of) && of.name().equals(name);
    }
  }

  /** Who is elected in all elections whose names start with {@code prefix}. */
  record ElectionPrefix(Bytes prefix) implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfElection of && observed(of) && of.name().startsWith(prefix);
    }
  }

  private static boolean observed(Event.OfElection event) {
    return event.change() != Event.ElectionChange.CANDIDATES;
  }

  /** The end of one lease, if it holds something then. */
  record OneLease(LeaseId lease) implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfLease of && of.lease().equals(lease);
    }
  }

  /** The ends of all leases that hold something then. */
  record AllLeases() implements Selection {
    @Override
    public boolean selects(Event event) {
      return event instanceof Event.OfLease;
    }
  }
}
