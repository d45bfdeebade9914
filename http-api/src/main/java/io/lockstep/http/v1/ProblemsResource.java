package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;

/** {@code /v1/problems} and {@code /v1/problems/{code}}: what each error means. */
public final class ProblemsResource implements Resource {
  /** The list of all codes. */
  public static final String PATH = "/v1/problems";

  private static final String PREFIX = PATH + "/";

  @Override
  public void serve(Exchange exchange) {
    exchange.route("GET /v1/problems");
    Methods.readOnly(exchange);
    exchange.query().finish();
    String path = exchange.target().path();
    if (path.equals(PATH)) {
      list(exchange);
      return;
    }
    ProblemCode code =
        path.startsWith(PREFIX)
            ? ProblemCode.ofText(exchange.target().textFrom(PREFIX.length()))
            : null;
    if (code == null) {
      exchange.problem(Problem.of(ProblemCode.NO_SUCH_ROUTE, "there is no such problem"));
    } else {
      JsonText json = exchange.json();
      write(json, code);
      exchange.answer(200, json);
    }
  }

  private static void list(Exchange exchange) {
    JsonText json = exchange.json().begin().name("problems").beginArray();
    for (ProblemCode code : ProblemCode.values()) {
      write(json, code);
    }
    exchange.answer(200, json.endArray().end());
  }

  private static void write(JsonText json, ProblemCode code) {
    json.begin()
        .field("code", code.text())
        .field("status", code.status())
        .field("title", code.title())
        .field("meaning", code.meaning())
        .end();
  }
}
