package io.lockstep.kv.watch;

import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.KeySpace;
import java.util.List;

/**
 * One revision of the state as far as it is remembered.
 *
 * @param clusterTimeMillis when it came about
 * @param keys all keys as they were then
 * @param events what changed; never empty but for the first revision
 * @param weightSum what this revision and all before it count for against the quota
 */
public record Revision(
    long number, long clusterTimeMillis, KeySpace keys, List<Event> events, long weightSum) {
  public Revision {
    events = List.copyOf(events);
  }

  long digest() {
    Digest digest = new Digest(number).add(clusterTimeMillis);
    for (Event event : events) {
      digest.add(event.digest());
    }
    return digest.value();
  }
}
