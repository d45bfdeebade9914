package io.lockstep.kv.snapshot;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.LockTable;
import io.lockstep.kv.lock.PlaceTable;
import io.lockstep.kv.lock.Queue;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The locks while they are read, and the places that follow from them. */
final class RestoredLocks {
  private final SortedMap<Server, Long> heard = new TreeMap<>();
  private LockTable table = LockTable.EMPTY;
  private PlaceTable places = PlaceTable.EMPTY;
  private @Nullable LockName last;

  void addServer(Server server, long heardMillis) {
    if (!heard.isEmpty() && heard.lastKey().compareTo(server) >= 0) {
      throw new Malformed("the nodes that wait do not ascend");
    }
    heard.put(server, heardMillis);
  }

  /** Adds a lock, and hangs its grant and places on their leases. */
  void add(Lock lock, RestoredLeases leases) {
    if (last != null && last.compareTo(lock.name()) >= 0) {
      throw new Malformed("the names of locks do not ascend");
    }
    last = lock.name();
    table = table.with(lock);
    MapCursor<TicketId, Grant> grants = lock.grants().cursor();
    for (Grant grant = grants.nextValue(); grant != null; grant = grants.nextValue()) {
      leases.attachLock(grant.lease(), lock.name(), grant.ticket());
      places = places.withTicket(grant.ticket(), lock.name());
    }
    MapCursor<Queue.Turn, Waiter> queue = lock.queue().cursor();
    for (Waiter waiter = queue.nextValue(); waiter != null; waiter = queue.nextValue()) {
      LeaseId lease = waiter.lease();
      if (lease != null) {
        leases.attachPlace(lease, lock.name(), waiter.ticket());
      }
      places = places.with(waiter, 0);
    }
  }

  LockTable table() {
    return table;
  }

  PlaceTable places() {
    if (!places.servers().equals(heard.keySet().stream().toList())) {
      throw new Malformed("other nodes wait than those that were heard");
    }
    heard.forEach((server, millis) -> places = places.heard(server, millis));
    return places;
  }
}
