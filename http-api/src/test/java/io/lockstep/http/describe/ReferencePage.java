package io.lockstep.http.describe;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.describe.Description.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The reference by operation, as a page made of the description. */
final class ReferencePage {
  private final Description description;
  private final StringBuilder page = new StringBuilder();

  ReferencePage(Description description) {
    this.description = description;
  }

  String text() {
    page.append(
        """
        # The operations one by one

        Made from the [description](http-api.md) of the interface; `ReferencePageTest` fails when
        the two differ, and each example is sent to a node by the build. What all operations share
        (conventions, limits, how new a read is) is on the page [HTTP API](http-api.md).
        `H=http://127.0.0.1:8400`. Wherever a key is named by the path, `?key_b64=` on the path
        without it names the same.

        ## What every operation may answer

        """);
    table();
    for (JsonNode tag : description.document.path("tags")) {
      page.append("\n## ").append(tag.path("description").asText()).append('\n');
      for (Operation operation : description.operations()) {
        boolean again = operation.id().endsWith("ByBase64");
        if (!again && operation.node().path("tags").path(0).equals(tag.path("name"))) {
          write(operation);
        }
      }
    }
    return page.toString();
  }

  /** Answers that more than one operation refers to are told once. */
  private void table() {
    page.append("| Status | Codes | When |\n| --- | --- | --- |\n");
    for (String status : List.of("400", "403", "406", "408", "413", "414", "415", "429", "431")) {
      shared(status);
    }
    page.append(
        """
        | 503 | `no-leader`, `overloaded`, `shutting-down`, `diverged`; reads: `too-stale` \
        | Not served now, and nothing was done. |
        | 504 | changes: `outcome-unknown`; reads: `not-confirmed`, `revision-not-reached` \
        | Not known, or not confirmed, in time. |
        | 507 | `quota-exceeded`, `no-space` | What makes the state grow has no room. |
        """);
  }

  private void shared(String status) {
    for (Operation operation : description.operations()) {
      JsonNode node = operation.node().path("responses").path(status);
      if (node.has("$ref")) {
        JsonNode told = description.resolve(node);
        page.append("| ").append(status).append(" | ").append(codes(told)).append(" | ");
        page.append(told.path("description").asText()).append(" |\n");
        return;
      }
    }
  }

  private static String codes(JsonNode response) {
    return Description.codes(response).stream()
        .map(code -> "`" + code + "`")
        .reduce((a, b) -> a + ", " + b)
        .orElse("");
  }

  private void write(Operation operation) {
    JsonNode node = operation.node();
    page.append("\n### `").append(operation).append("`\n\n");
    page.append("**").append(node.path("summary").asText()).append(".** ");
    page.append(node.path("description").asText().replace("\n\n", " ").trim()).append("\n\n");
    parameters(operation);
    page.append("| Status | Means |\n| --- | --- |\n");
    for (Map.Entry<String, JsonNode> one : node.path("responses").properties()) {
      JsonNode told = description.resolve(one.getValue());
      if (isOwn(one.getKey(), told)) {
        page.append("| ").append(one.getKey());
        String codes = codes(told);
        page.append(codes.isEmpty() ? "" : " " + codes);
        page.append(" | ").append(told.path("description").asText()).append(" |\n");
      }
    }
    page.append("\n```\n").append(curl(operation)).append("\n```\n");
  }

  /** Whether the status says something here that the table for all does not. */
  private static boolean isOwn(String status, JsonNode told) {
    return switch (status) {
      case "400", "403", "406", "408", "413", "414", "415", "431", "503", "504", "507" -> false;
      case "429" -> Description.codes(told).size() > 2;
      default -> true;
    };
  }

  private void parameters(Operation operation) {
    List<String> named = new ArrayList<>();
    for (JsonNode parameter : description.parameters(operation)) {
      if (!parameter.path("in").asText().equals("path")) {
        named.add("`" + parameter.path("name").asText() + "`");
      }
    }
    JsonNode form =
        description.resolve(operation.node().at("/requestBody/content/application~1json/schema"));
    List<String> fields = new ArrayList<>();
    form.path("properties").fieldNames().forEachRemaining(name -> fields.add("`" + name + "`"));
    if (!named.isEmpty()) {
      page.append("Parameters and headers: ").append(String.join(", ", named)).append(".\n");
    }
    if (!fields.isEmpty()) {
      page.append("Fields: ").append(String.join(", ", fields)).append(".\n");
    }
    if (!named.isEmpty() || !fields.isEmpty()) {
      page.append('\n');
    }
  }

  private String curl(Operation operation) {
    StringBuilder line = new StringBuilder("curl");
    if (operation.id().startsWith("watch")) {
      line.append(" -N");
    }
    if (!operation.method().equals("GET")) {
      line.append(" -X ").append(operation.method());
    }
    String target = description.example(operation);
    line.append(target.contains("?") ? " \"$H" + target + "\"" : " $H" + target);
    String body = description.exampleBody(operation);
    if (!body.isEmpty() && !body.equals("{}")) {
      line.append(body.startsWith("{") ? " -d '" + body + "'" : " -d " + body);
    }
    return line.toString();
  }
}
