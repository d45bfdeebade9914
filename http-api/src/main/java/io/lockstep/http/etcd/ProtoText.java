package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.result.KeyMeta;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.raft.bytes.Bytes;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages of protocol buffers in JSON: integers of 64 bits as text, bytes in base64, and
 * what is zero, false or empty left out. Clients test for what is there, so that is behaviour.
 */
final class ProtoText {
  private ProtoText() {}

  /** An integer of 64 bits. */
  static void number(JsonText json, String name, long value) {
    if (value != 0) {
      json.field(name, Long.toString(value));
    }
  }

  /** An integer of 64 bits without sign. */
  static void unsigned(JsonText json, String name, long value) {
    if (value != 0) {
      json.field(name, Long.toUnsignedString(value));
    }
  }

  static void flag(JsonText json, String name, boolean value) {
    if (value) {
      json.field(name, true);
    }
  }

  static void text(JsonText json, String name, String value) {
    if (!value.isEmpty()) {
      json.field(name, value);
    }
  }

  static void bytes(JsonText json, String name, Bytes value) {
    if (!value.isEmpty()) {
      json.field(name, Base64.getEncoder().encodeToString(value.toArray()));
    }
  }

  /** A key as etcd tells it, as the next value. */
  static void key(JsonText json, KeyRecord record) {
    KeyMeta meta = record.meta();
    json.begin();
    bytes(json, "key", record.key());
    number(json, "create_revision", meta.createRevision());
    number(json, "mod_revision", meta.modRevision());
    number(json, "version", meta.version());
    bytes(json, "value", record.value());
    number(json, "lease", leaseNumber(meta.lease()));
    json.end();
  }

  /**
   * The number of a lease. One that was not made here has none: it gets one that no request finds,
   * so that its keys do not look as if they were on no lease.
   */
  static long leaseNumber(@Nullable LeaseId lease) {
    if (lease == null) {
      return 0;
    }
    return lease.isNamed() ? lease.nonce() : lease.nonce() & Long.MAX_VALUE | 1;
  }
}
