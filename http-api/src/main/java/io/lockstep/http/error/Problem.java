package io.lockstep.http.error;

import io.lockstep.http.response.JsonText;
import java.util.ArrayList;
import java.util.List;

/**
 * An error as a client sees it (RFC 9457). Immutable.
 *
 * @param status of the answer; that of the code but for few
 * @param detail what happened here; never holds secrets, and of the input only names that this
 *     service knows or short quotes
 * @param retryAfterMillis when a repetition may fare better; negative when time does not help
 * @param members what else is said, in order
 */
public record Problem(
    ProblemCode code,
    int status,
    String detail,
    Fate fate,
    long retryAfterMillis,
    List<Member> members) {

  /** One further member of the document. */
  public sealed interface Member {
    String name();

    record Figure(String name, long value) implements Member {}

    record Text(String name, String value) implements Member {}

    /** A value that was written as JSON before. */
    record Json(String name, JsonText value) implements Member {}
  }

  public Problem {
    members = List.copyOf(members);
  }

  /** A problem of a request that changed nothing and that time will not help. */
  public static Problem of(ProblemCode code, String detail) {
    return new Problem(code, code.status(), detail, Fate.NOT_APPLIED, -1, List.of());
  }

  /** The same with another status than that of its code. */
  public Problem withStatus(int other) {
    return new Problem(code, other, detail, fate, retryAfterMillis, members);
  }

  /** The same with another fate. */
  public Problem withFate(Fate other) {
    return new Problem(code, status, detail, other, retryAfterMillis, members);
  }

  /** The same, to be tried again after {@code millis}. */
  public Problem retryAfter(long millis) {
    return new Problem(code, status, detail, fate, millis, members);
  }

  /** The same with one more member. */
  public Problem with(String name, long value) {
    return with(new Member.Figure(name, value));
  }

  /** The same with one more member. */
  public Problem with(String name, String value) {
    return with(new Member.Text(name, value));
  }

  /** The same with one more member. */
  public Problem with(Member member) {
    List<Member> more = new ArrayList<>(members);
    more.add(member);
    return new Problem(code, status, detail, fate, retryAfterMillis, more);
  }

  /** Whether the same request may succeed when repeated as it is. */
  public boolean retryable() {
    return retryAfterMillis >= 0;
  }

  /** Writes the document; {@code instance} is the request's id. */
  public void write(JsonText json, String instance, long revision, String leader) {
    json.begin()
        .field("type", "/v1/problems/" + code.text())
        .field("title", code.title())
        .field("status", status)
        .field("detail", detail)
        .field("instance", "urn:lockstep:request:" + instance)
        .field("code", code.text())
        .field("outcome", fate.text())
        .field("retryable", retryable());
    if (retryAfterMillis >= 0) {
      json.field("retry_after_ms", retryAfterMillis);
    }
    json.field("revision", revision).field("leader", leader);
    for (Member member : members) {
      switch (member) {
        case Member.Figure number -> json.field(number.name(), number.value());
        case Member.Text text -> json.field(text.name(), text.value());
        case Member.Json nested -> json.name(nested.name()).raw(nested.value());
      }
    }
    json.end();
  }
}
