package io.lockstep.bench.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The load client counts each answer once, however the bytes arrive. */
class AnswerParserTest {
  private final List<String> bodies = new ArrayList<>();

  private static final String TWO =
      "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello"
          + "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nX: y\r\n\r\n";

  @Test
  void answersInOnePiece() {
    assertEquals(List.of(201, 503), statuses(TWO.length()));
    assertEquals(List.of("hello", ""), bodies);
  }

  @Test
  void answersInPiecesOfAnySize() {
    for (int size = 1; size < TWO.length(); size++) {
      assertEquals(List.of(201, 503), statuses(size), "pieces of " + size);
    }
  }

  @Test
  void anAnswerWithoutALengthIsNoSilentZero() {
    AnswerParser parser = new AnswerParser(answer -> {});
    assertThrows(
        IllegalStateException.class, () -> parser.accept(Buffer.buffer("HTTP/1.1 200 OK\r\n\r\n")));
  }

  private List<Integer> statuses(int pieceBytes) {
    List<Integer> statuses = new ArrayList<>();
    AnswerParser parser =
        new AnswerParser(
            answer -> {
              statuses.add(answer.status());
              bodies.add(answer.body().toString());
            });
    for (int at = 0; at < TWO.length(); at += pieceBytes) {
      parser.accept(Buffer.buffer(TWO.substring(at, Math.min(TWO.length(), at + pieceBytes))));
    }
    return statuses;
  }
}
