package io.lockstep.bench.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;

/**
 * One answer.
 *
 * @param head the status line and the headers
 * @param body as it came
 */
public record Answer(int status, String head, Buffer body) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Whether the node says that it did what it was asked for. */
  public boolean succeeded() {
    return status >= 200 && status < 300;
  }

  /** The body as JSON. */
  public JsonNode json() {
    try {
      return JSON.readTree(body.toString());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("no JSON in an answer: " + body, e);
    }
  }
}
