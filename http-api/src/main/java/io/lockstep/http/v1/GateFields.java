package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.JsonBody;
import io.lockstep.raft.bytes.Bytes;

/** Fields that latches and work once a period have in common. */
final class GateFields {
  private GateFields() {}

  /** A text that must be there, of 1 to {@code max} bytes of UTF-8. */
  static Bytes required(JsonBody json, String name, int max) {
    String text = json.text(name);
    if (text == null) {
      throw JsonBody.missing(name);
    }
    Bytes value = Bytes.utf8(text);
    if (value.isEmpty() || value.length() > max) {
      throw new Rejected(
          Problem.of(ProblemCode.NOT_ALLOWED, name + " is 1 to " + max + " bytes long")
              .with("field", name)
              .with("limit", max));
    }
    return value;
  }
}
