package io.lockstep.http.limit;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts connections, in all and by address, across event loops. Thread-safe. */
public final class Connections {
  private final int max;
  private final int perAddressMax;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> byAddress = new ConcurrentHashMap<>();

  public Connections(int max, int perAddressMax) {
    this.max = max;
    this.perAddressMax = perAddressMax;
  }

  /** Counts a new connection; false when there are too many. Give back in either case. */
  public boolean opened(String address) {
    int fromAddress = byAddress.merge(address, 1, Integer::sum);
    return open.incrementAndGet() <= max && fromAddress <= perAddressMax;
  }

  /** Counts a connection down. */
  public void closed(String address) {
    open.decrementAndGet();
    byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
  }

  /** How many are open. */
  public int count() {
    return open.get();
  }

  /** How many may be open. */
  public int max() {
    return max;
  }

  /** How many may be open from one address. */
  public int perAddressMax() {
    return perAddressMax;
  }
}
