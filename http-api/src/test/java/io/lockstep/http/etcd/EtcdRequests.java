package io.lockstep.http.etcd;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.SplittableRandom;

/** A random sequence of requests about a few keys and leases. */
final class EtcdRequests {
  private static final List<String> KEYS = List.of("a", "a/1", "a/2", "b", "c", "d");
  private static final List<String> ENDS = List.of("a0", "b", "c", "z", "0", "a");
  private static final List<String> VALUES = List.of("", "0", "1", "2", "x", "zz");
  private static final List<String> MALFORMED =
      List.of(
          "{",
          "[]",
          "{\"key\":5}",
          "{\"key\":\"!!\"}",
          "{\"key\":\"YQ\"}",
          "{\"key\":\"YQ==\",\"limit\":\"x\"}",
          "{\"key\":\"YQ==\",\"limit\":1.5}",
          "{\"key\":\"YQ==\",\"keys_only\":\"true\"}",
          "{\"key\":\"YQ==\",\"sort_order\":\"X\"}");
  private static final int LEASES = 3;
  private static final int UNKNOWN_LEASE = 9;

  private final SplittableRandom random;
  private long revision;
  private boolean spoiled;

  EtcdRequests(long seed) {
    random = new SplittableRandom(seed);
  }

  /** The revision is at so many after that of the beginning. */
  void seen(long present) {
    revision = Math.max(revision, present);
  }

  long revision() {
    return revision;
  }

  EtcdRequest next() {
    int kind = random.nextInt(100);
    spoiled = false;
    if (kind < 22) {
      return new EtcdRequest("/v3/kv/put", put(chance(15)).toString());
    }
    if (kind < 44) {
      return new EtcdRequest("/v3/kv/range", range(chance(15)).toString());
    }
    if (kind < 54) {
      return new EtcdRequest("/v3/kv/deleterange", delete(chance(8)).toString());
    }
    if (kind < 78) {
      return new EtcdRequest("/v3/kv/txn", txn(1).toString());
    }
    if (kind < 80) {
      return new EtcdRequest("/v3/kv/compaction", object().put("revision", some()).toString());
    }
    if (kind < 83) {
      return new EtcdRequest("/v3/kv/range", MALFORMED.get(random.nextInt(MALFORMED.size())), true);
    }
    return lease();
  }

  private EtcdRequest lease() {
    String alias = random.nextBoolean() ? "/v3/lease/" : "/v3/kv/lease/";
    ObjectNode body = object().put("ID", lease(chance(10)));
    return switch (random.nextInt(5)) {
      case 0 -> new EtcdRequest("/v3/lease/grant", body.put("TTL", ttl()).toString());
      case 1 -> new EtcdRequest(alias + "revoke", body.toString());
      case 2 -> new EtcdRequest(alias + "timetolive", body.put("keys", flag()).toString());
      case 3 -> new EtcdRequest("/v3/lease/keepalive", body.toString());
      default -> new EtcdRequest(alias + "leases", "{}");
    };
  }

  private long ttl() {
    return chance(10) ? 9_000_000_001L : 600 + random.nextInt(100);
  }

  private int lease(boolean unknown) {
    return unknown ? UNKNOWN_LEASE : 1 + random.nextInt(LEASES);
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private boolean flag() {
    return random.nextBoolean();
  }

  private String key() {
    return KEYS.get(random.nextInt(KEYS.size()));
  }

  /** A revision that is known, or will be soon. */
  private long some() {
    return Math.max(1, revision - random.nextInt(8) + (chance(20) ? 5 : 0));
  }

  /** Whether something may be wrong now; once a request, so that it is clear what is refused. */
  private boolean spoil(boolean may) {
    boolean now = may && !spoiled;
    spoiled |= now;
    return now;
  }

  private ObjectNode put(boolean bad) {
    ObjectNode put = object().put("key", spoil(bad && chance(20)) ? "" : key());
    boolean keepValue = chance(8) && spoil(true);
    boolean keepLease = !keepValue && chance(8) && spoil(true);
    if (!keepValue || spoil(bad && chance(20))) {
      put.put("value", VALUES.get(random.nextInt(VALUES.size())));
    }
    if (!keepLease && chance(30) && spoil(true)) {
      put.put("lease", lease(chance(10)));
    }
    if (keepValue) {
      put.put("ignore_value", true);
    }
    if (keepLease) {
      put.put("ignore_lease", true);
    }
    return chance(40) ? put.put("prev_kv", true) : put;
  }

  private ObjectNode span(ObjectNode to, boolean bad) {
    int kind = random.nextInt(6);
    if (spoil(bad && chance(20))) {
      return to.put("key", "");
    }
    return switch (kind) {
      case 0, 1, 2 -> to.put("key", key());
      case 3 -> to.put("key", "0").put("range_end", "0");
      case 4 -> to.put("key", key()).put("range_end", "0");
      default -> to.put("key", key()).put("range_end", ENDS.get(random.nextInt(ENDS.size())));
    };
  }

  private ObjectNode range(boolean bad) {
    ObjectNode range = span(object(), bad);
    if (chance(25) && spoil(true)) {
      range.put("revision", Long.toString(some()));
    }
    if (chance(30)) {
      range.put("limit", random.nextInt(4));
    }
    if (chance(40)) {
      range.put("sort_order", random.nextInt(3));
      range.put(
          "sort_target",
          List.of("KEY", "VERSION", "CREATE", "MOD", "VALUE").get(random.nextInt(5)));
    }
    for (String bound :
        List.of(
            "min_mod_revision", "max_mod_revision", "min_create_revision", "max_create_revision")) {
      if (chance(7)) {
        range.put(bound, some());
      }
    }
    if (chance(15)) {
      range.put("keys_only", true);
    }
    if (chance(10)) {
      range.put("count_only", true);
    }
    return chance(15) ? range.put("serializable", true) : range;
  }

  private ObjectNode delete(boolean bad) {
    ObjectNode delete = span(object(), bad);
    return chance(40) ? delete.put("prev_kv", true) : delete;
  }

  private ObjectNode txn(int depth) {
    ObjectNode txn = object();
    ArrayNode compares = txn.putArray("compare");
    while (chance(55) && compares.size() < 3) {
      compares.add(compare());
    }
    ops(txn.putArray("success"), depth);
    ops(txn.putArray("failure"), depth);
    return txn;
  }

  private void ops(ArrayNode ops, int depth) {
    while (chance(65) && ops.size() < 5) {
      ObjectNode op = ops.addObject();
      int kind = random.nextInt(depth < 3 ? 20 : 18);
      if (kind < 8) {
        op.set("request_put", put(chance(5)));
      } else if (kind < 13) {
        op.set("requestRange", range(chance(5)));
      } else if (kind < 17 || kind == 17 && !spoil(true)) {
        op.set("request_delete_range", bounded(delete(chance(5))));
      } else if (kind > 17) {
        op.set("request_txn", txn(depth + 1));
      }
    }
  }

  /** etcd does not see that a range without an end overlaps a put, and may end itself over it. */
  private static ObjectNode bounded(ObjectNode range) {
    if (range.path("range_end").asText().equals("0")) {
      range.put("key", "a").put("range_end", "a/2");
    }
    return range;
  }

  private ObjectNode compare() {
    ObjectNode compare = chance(25) ? span(object(), false) : object().put("key", key());
    compare.put("result", List.of("EQUAL", "GREATER", "LESS", "NOT_EQUAL").get(random.nextInt(4)));
    return switch (random.nextInt(5)) {
      case 0 -> compare.put("target", "VERSION").put("version", random.nextInt(-1, 3));
      case 1 -> compare.put("target", "CREATE").put("create_revision", zeroOr(some()));
      case 2 -> compare.put("target", 2).put("mod_revision", Long.toString(zeroOr(some())));
      case 3 ->
          compare.put("target", "VALUE").put("value", VALUES.get(random.nextInt(VALUES.size())));
      default -> compare.put("target", "LEASE").put("lease", flag() ? 0 : lease(false));
    };
  }

  private long zeroOr(long number) {
    return chance(40) ? 0 : number;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
