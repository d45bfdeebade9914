package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.result.Result.RecordsFound;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.txn.KeyQuery;
import io.lockstep.kv.txn.KeyQuery.Bounds;
import io.lockstep.kv.txn.KeyQuery.Order;
import io.lockstep.kv.txn.KeyQuery.Target;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;

/** etcd's ranges: how they are asked for and how what they hold is told. */
final class EtcdRange {
  private static final List<String> ORDERS = List.of("NONE", "ASCEND", "DESCEND");
  private static final List<String> TARGETS = List.of("KEY", "VERSION", "CREATE", "MOD", "VALUE");
  private static final Bytes ZERO = Bytes.wrap(new byte[1]);

  private EtcdRange() {}

  /** A key that must be given, and the keys up to where the range ends. */
  static KeyRange range(ProtoJson message) {
    Bytes key = message.bytes("key");
    if (key.isEmpty()) {
      throw new EtcdRefused(EtcdError.KEY_NOT_PROVIDED);
    }
    return range(key, message.bytes("range_end"));
  }

  /** An end that is empty means one key, one of a zero byte all keys from the first on. */
  static KeyRange range(Bytes key, Bytes end) {
    if (end.isEmpty()) {
      return KeyRange.of(key);
    }
    return new KeyRange(key, end.equals(ZERO) ? null : end);
  }

  /** A request for a range. */
  static KeyQuery query(ProtoJson message) {
    return new KeyQuery(
        range(message),
        message.number("revision"),
        message.number("limit"),
        order(message.oneOf("sort_order", ORDERS)),
        target(message.oneOf("sort_target", TARGETS)),
        new Bounds(
            message.number("min_mod_revision"),
            message.number("max_mod_revision"),
            message.number("min_create_revision"),
            message.number("max_create_revision")),
        message.flag("keys_only"),
        message.flag("count_only"));
  }

  private static Order order(int place) {
    return switch (ORDERS.get(place)) {
      case "ASCEND" -> Order.ASCENDING;
      case "DESCEND" -> Order.DESCENDING;
      default -> Order.NONE;
    };
  }

  private static Target target(int place) {
    return switch (TARGETS.get(place)) {
      case "VERSION" -> Target.VERSION;
      case "CREATE" -> Target.CREATE_REVISION;
      case "MOD" -> Target.MOD_REVISION;
      case "VALUE" -> Target.VALUE;
      default -> Target.KEY;
    };
  }

  /** What was found, as further fields. */
  static void write(JsonText json, RecordsFound found) {
    keys(json, "kvs", found.records());
    ProtoText.flag(json, "more", found.more());
    ProtoText.number(json, "count", found.count());
  }

  /** A list of keys, unless it is empty. */
  static void keys(JsonText json, String name, List<KeyRecord> records) {
    if (!records.isEmpty()) {
      json.name(name).beginArray();
      for (KeyRecord record : records) {
        ProtoText.key(json, record);
      }
      json.endArray();
    }
  }
}
