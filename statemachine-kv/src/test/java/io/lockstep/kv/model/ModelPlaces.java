package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.model.ModelLocks.Grant;
import io.lockstep.kv.model.ModelLocks.Lock;
import io.lockstep.kv.model.ModelLocks.Waiter;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.TicketNotFound;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.PlaceLeft;
import io.lockstep.kv.watch.Event.LockChange;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Contract 7: places in the queues of locks, and how they end. */
public final class ModelPlaces {
  private final TreeMap<Server, Long> heard = new TreeMap<>();
  private final Model model;

  ModelPlaces(Model model) {
    this.model = model;
  }

  void enqueue(Lock lock, Waiter waiter) {
    lock.queue.add(waiter);
    lock.queue.sort(
        Comparator.comparing((Waiter one) -> -one.asked.bid().priority())
            .thenComparing(one -> one.ticket));
    heardOf(waiter);
    model.history.lock(LockChange.QUEUE, lock, lock.latest());
  }

  void keepLonger(LockAcquire acquire, Waiter waiter) {
    long millis = Math.max(acquire.waitMillis(), acquire.queueTtlMillis());
    if (millis > 0) {
      waiter.deadline = Math.max(waiter.deadline, model.now + millis);
      waiter.server = acquire.server();
      waiter.keep |= acquire.keepPlace();
      waiter.queueTtl = Math.max(waiter.queueTtl, acquire.queueTtlMillis());
      waiter.delay = Math.max(waiter.delay, acquire.delayMillis());
      heardOf(waiter);
    }
  }

  private void heardOf(Waiter waiter) {
    forgetNodesThatDoNotWait();
    if (!waiter.keep || heard.containsKey(waiter.server)) {
      heard.put(waiter.server, model.now);
    }
  }

  Result leave(LockLeave leave) {
    TicketId ticket = leave.ticket();
    Result state = model.locks.said.ticket(ticket, model.index - 1);
    if (state instanceof Failure) {
      return state;
    }
    List<LockName> names = model.locks.said.names(ticket);
    if (!names.contains(leave.name())) {
      return new TicketNotFound(ticket);
    }
    Waiter waiter = find(model.locks.byName.get(names.getFirst()), ticket);
    if (waiter != null) {
      endPlaceEverywhere(waiter);
      return new PlaceLeft(false);
    }
    if (leave.sparesGrant()) {
      return state;
    }
    Grant grant = model.locks.byName.get(leave.name()).find(one -> one.ticket().equals(ticket));
    model.locks.giveBack(grant);
    return new PlaceLeft(true);
  }

  /** Contract 7: polls keep a ticket alive through the log. */
  Result poll(LockName name, TicketId ticket) {
    Result state = model.locks.said.ticket(ticket, model.index - 1);
    if (state instanceof Failure) {
      return state;
    }
    if (!model.locks.said.names(ticket).contains(name)) {
      return new TicketNotFound(ticket);
    }
    Waiter waiter = find(model.locks.byName.get(name), ticket);
    if (waiter != null) {
      waiter.deadline = Math.max(waiter.deadline, model.now + waiter.queueTtl);
    }
    return model.locks.said.ticket(ticket);
  }

  void endPlace(Lock lock, Waiter waiter) {
    removePlace(lock, waiter);
    model.locks.handOn(lock);
  }

  private void endPlaceEverywhere(Waiter waiter) {
    List<LockName> names = waiter.asked.names();
    names.forEach(name -> removePlace(model.locks.byName.get(name), waiter));
    names.forEach(name -> model.locks.handOn(model.locks.byName.get(name)));
  }

  void removePlace(Lock lock, Waiter waiter) {
    lock.queue.remove(waiter);
    lock.idleSince = model.now;
    model.history.lock(LockChange.QUEUE, lock, lock.latest());
  }

  /** Contract 7: a waiter's place ends with its wait. */
  void endWaitsThatPassed() {
    while (true) {
      Waiter first =
          allWaiters().stream()
              .min(
                  Comparator.comparing((Waiter waiter) -> waiter.deadline)
                      .thenComparing(waiter -> waiter.ticket))
              .orElse(null);
      if (first == null || model.now <= first.deadline) {
        return;
      }
      endPlaceEverywhere(first);
      model.history.close();
    }
  }

  /** Contract 7: so that no ghost is granted a lock. */
  void endPlacesOfSilentNodes() {
    forgetNodesThatDoNotWait();
    for (Server server : List.copyOf(heard.keySet())) {
      if (model.now > heard.get(server) + model.limits.serverSilenceMillis()) {
        List<Waiter> ending =
            allWaiters().stream()
                .filter(waiter -> !waiter.keep && waiter.server.equals(server))
                .distinct()
                .sorted(Comparator.comparing(waiter -> waiter.ticket))
                .toList();
        for (Waiter waiter : ending) {
          waiter.asked.names().forEach(name -> removePlace(model.locks.byName.get(name), waiter));
        }
        ending.stream()
            .flatMap(waiter -> waiter.asked.names().stream())
            .distinct()
            .sorted()
            .forEach(name -> model.locks.handOn(model.locks.byName.get(name)));
        model.history.close();
      }
    }
  }

  void heard(Server server) {
    forgetNodesThatDoNotWait();
    heard.computeIfPresent(server, (known, before) -> model.now);
  }

  private void forgetNodesThatDoNotWait() {
    heard
        .keySet()
        .removeIf(
            server ->
                allWaiters().stream()
                    .noneMatch(waiter -> !waiter.keep && waiter.server.equals(server)));
  }

  public List<LockName> waitedForBy(LeaseId lease) {
    return model.locks.byName.values().stream()
        .filter(lock -> waiterOf(lock, lease) != null)
        .map(lock -> lock.name)
        .toList();
  }

  @Nullable Waiter waiterOf(Lock lock, LeaseId lease) {
    return lock.queue.stream()
        .filter(waiter -> lease.equals(waiter.lease()))
        .findFirst()
        .orElse(null);
  }

  static @Nullable Waiter find(Lock lock, TicketId ticket) {
    return lock.queue.stream()
        .filter(waiter -> waiter.ticket.equals(ticket))
        .findFirst()
        .orElse(null);
  }

  /** Whether a lease with the numbers of this ticket will be made at its grant. */
  boolean leaseIsToCome(TicketId ticket) {
    return allWaiters().stream()
        .anyMatch(waiter -> waiter.ticket.equals(ticket) && waiter.lease() == null);
  }

  public List<Waiter> allWaiters() {
    return model.locks.byName.values().stream().flatMap(lock -> lock.queue.stream()).toList();
  }

  long firstDue() {
    forgetNodesThatDoNotWait();
    long waits = allWaiters().stream().mapToLong(w -> w.deadline).min().orElse(Long.MAX_VALUE);
    long silence =
        heard.values().stream()
            .mapToLong(at -> at + model.limits.serverSilenceMillis())
            .min()
            .orElse(Long.MAX_VALUE);
    return Math.min(waits, silence);
  }
}
