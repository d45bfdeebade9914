package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.request.Query;
import io.lockstep.http.response.JsonText;
import io.lockstep.kv.command.Label;
import io.lockstep.kv.lease.LeaseView;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How labels of leases are read, looked for and shown. */
final class LeaseLabels {
  private LeaseLabels() {}

  static List<Label> of(SortedMap<String, String> given) {
    List<Label> labels = new ArrayList<>(given.size());
    for (Map.Entry<String, String> one : given.entrySet()) {
      if (one.getKey().isEmpty()) {
        throw JsonBody.bad("labels", "has an empty name");
      }
      check("a label's name", one.getKey(), Label.NAME_BYTES_MAX);
      check("a label's value", one.getValue(), Label.VALUE_BYTES_MAX);
      labels.add(new Label(one.getKey(), one.getValue()));
    }
    return labels;
  }

  private static void check(String what, String text, int bytesMax) {
    if (Bytes.utf8(text).length() > bytesMax) {
      throw new Rejected(
          Problem.of(ProblemCode.NOT_ALLOWED, what + " has more than " + bytesMax + " bytes")
              .with("field", "labels")
              .with("limit", bytesMax));
    }
  }

  /** What {@code label=name} or {@code label=name=value} asks for; all without it. */
  static Predicate<List<Label>> wanted(@Nullable String parameter) {
    if (parameter == null) {
      return labels -> true;
    }
    int equals = parameter.indexOf('=');
    String name = equals < 0 ? parameter : parameter.substring(0, equals);
    if (name.isEmpty()) {
      throw Query.bad("label", "is name or name=value");
    }
    String value = equals < 0 ? null : parameter.substring(equals + 1);
    return labels ->
        labels.stream()
            .anyMatch(
                one -> one.name().equals(name) && (value == null || one.value().equals(value)));
  }

  /** The fields of a lease, without what is on it. */
  static JsonText write(JsonText json, LeaseView lease) {
    json.field("id", lease.id().toString())
        .field("ttl_ms", lease.ttlMillis())
        .field("expires_in_ms", lease.expiresInMillis())
        .field("key_count", lease.keyCount());
    if (lease.anonymous()) {
      json.field("anonymous", true);
    }
    json.name("labels").begin();
    for (Label label : lease.labels()) {
      json.value(label.name()).plain(":").value(label.value());
    }
    return json.end();
  }
}
