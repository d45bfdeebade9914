package io.lockstep.http.etcd;

import java.util.SplittableRandom;

/**
 * What the watch at the end of a sequence asks for.
 *
 * @param end of the range; empty for one key, zero for all from the key on
 * @param marker a key of the range that is put and removed last
 * @param filter what is left out; empty for nothing
 * @param previous whether it tells what was there before
 */
record EtcdWatchAsked(String key, String end, String marker, String filter, boolean previous) {
  /** That of a sequence. */
  static EtcdWatchAsked of(long seed) {
    SplittableRandom random = new SplittableRandom(~seed);
    int range = random.nextInt(4);
    int filter = random.nextInt(4);
    boolean previous = random.nextInt(4) > 0;
    String left = filter == 0 ? "NOPUT" : filter == 1 ? "NODELETE" : "";
    return switch (range) {
      case 0 -> new EtcdWatchAsked("a", "", "a", left, previous);
      case 1 -> new EtcdWatchAsked("a/1", "c", "b/9", left, previous);
      default -> new EtcdWatchAsked("0", "0", "last", left, previous);
    };
  }

  boolean tellsDeletions() {
    return !filter.equals("NODELETE");
  }

  /** The request, in the sequence's terms. */
  String body(long startRevision) {
    StringBuilder body = new StringBuilder("{'create_request':{'key':'").append(key).append("',");
    if (!end.isEmpty()) {
      body.append("'range_end':'").append(end).append("',");
    }
    if (!filter.isEmpty()) {
      body.append("'filters':['").append(filter).append("'],");
    }
    body.append("'prev_kv':").append(previous).append(",'start_revision':").append(startRevision);
    return body.append("}}").toString().replace('\'', '"');
  }
}
