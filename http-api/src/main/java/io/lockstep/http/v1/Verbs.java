package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Target;
import io.lockstep.http.response.Utf8;
import io.lockstep.http.server.Exchange;
import io.lockstep.raft.bytes.Bytes;

/**
 * A POST's name and verb: the verb follows the last literal colon of the raw path, or is the
 * parameter {@code verb}.
 *
 * @param name decoded
 * @param path the raw one, without the verb
 */
record Verbs(Bytes name, String verb, String path) {
  /** Splits the path after {@code prefix}. */
  static Verbs of(Exchange exchange, String prefix) {
    Target target = exchange.target();
    String parameter = exchange.query().text("verb");
    if (parameter != null) {
      return new Verbs(target.bytesFrom(prefix.length()), parameter, target.path());
    }
    int colon = target.path().lastIndexOf(':');
    if (colon < prefix.length()) {
      throw unknown("");
    }
    return new Verbs(
        target.bytes(prefix.length(), colon),
        target.text(colon + 1, target.path().length()),
        target.path().substring(0, colon));
  }

  /** The answer to a verb that the route does not have. */
  static Rejected unknown(String verb) {
    String shown = Utf8.printable(verb.length() <= 32 ? verb : verb.substring(0, 32));
    return new Rejected(
        Problem.of(
            ProblemCode.UNKNOWN_VERB,
            verb.isEmpty()
                ? "a POST here ends with a verb, such as :renew"
                : "there is no verb '" + shown + "' here; a colon in a name is written %3A"));
  }
}
