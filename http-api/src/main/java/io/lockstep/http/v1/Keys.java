package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Utf8;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.result.KeyMeta;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.raft.bytes.Bytes;

/** How keys and names are checked, and how keys are shown. */
final class Keys {
  private Keys() {}

  /** Refuses a key that is too short or too long. */
  static void require(Bytes key) {
    check(ProblemCode.KEY_LENGTH, "key", key);
  }

  /** Refuses the name of a lock that is too short or too long. */
  static void requireName(Bytes name) {
    check(ProblemCode.NAME_LENGTH, "name", name);
  }

  private static void check(ProblemCode code, String what, Bytes bytes) {
    if (bytes.isEmpty() || bytes.length() > Limits.KEY_BYTES_MAX) {
      throw new Rejected(
          Problem.of(
                  code,
                  "a "
                      + what
                      + " is 1 to "
                      + Limits.KEY_BYTES_MAX
                      + " bytes long, this one "
                      + bytes.length())
              .with("field", what)
              .with("limit", Limits.KEY_BYTES_MAX));
    }
  }

  /** The strong entity tag of a key at this revision. */
  static String etag(long modRevision) {
    return "\"" + modRevision + "\"";
  }

  /** One key with its value. */
  static void write(JsonText json, KeyRecord record) {
    writeContent(json.begin().key("key", record.key()), record).end();
  }

  /** The fields of a key beside its name. */
  static JsonText writeContent(JsonText json, KeyRecord record) {
    write(json.content(record.value()), record.meta());
    if (!record.contentType().equals(KvPut.TEXT)) {
      json.field("content_type", record.contentType());
    }
    return json;
  }

  /** The fields of what is known of a key beside its value. */
  static JsonText write(JsonText json, KeyMeta meta) {
    json.field("create_revision", meta.createRevision())
        .field("mod_revision", meta.modRevision())
        .field("version", meta.version());
    return meta.lease() == null ? json : json.field("lease", meta.lease().toString());
  }

  /** A key as an element of an array: text, or an object with its base64. */
  static void writeElement(JsonText json, Bytes key) {
    if (Utf8.valid(key)) {
      json.utf8(key);
    } else {
      json.begin().key("key", key).end();
    }
  }
}
