package io.lockstep.bench.wire;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Finds the end of HTTP/1.1 answers that state their length; the least that a load client needs.
 */
public final class AnswerParser {
  /** Called with each complete answer. */
  public interface Listener {
    void answered(Answer answer);
  }

  private final Listener listener;
  private Buffer pending = Buffer.buffer();

  public AnswerParser(Listener listener) {
    this.listener = listener;
  }

  /** Takes what arrived, in pieces of any size. */
  public void accept(Buffer bytes) {
    pending = pending.length() == 0 ? bytes : pending.appendBuffer(bytes);
    int start = 0;
    while (start < pending.length()) {
      int bodyStart = endOfHead(start);
      if (bodyStart < 0) {
        break;
      }
      String head = pending.getString(start, bodyStart, StandardCharsets.US_ASCII.name());
      int end = bodyStart + contentLength(head);
      if (end > pending.length()) {
        break;
      }
      start = end;
      Buffer body = pending.getBuffer(bodyStart, end);
      listener.answered(new Answer(Integer.parseInt(head, 9, 12, 10), head, body));
    }
    pending =
        start == pending.length() ? Buffer.buffer() : pending.getBuffer(start, pending.length());
  }

  private int endOfHead(int from) {
    for (int i = from; i + 3 < pending.length(); i++) {
      if (pending.getByte(i) == '\r'
          && pending.getByte(i + 1) == '\n'
          && pending.getByte(i + 2) == '\r'
          && pending.getByte(i + 3) == '\n') {
        return i + 4;
      }
    }
    return -1;
  }

  private static int contentLength(String head) {
    String lower = head.toLowerCase(Locale.ROOT);
    int at = lower.indexOf("\r\ncontent-length:");
    if (at < 0) {
      throw new IllegalStateException("an answer without a length: " + head);
    }
    int from = at + "\r\ncontent-length:".length();
    return Integer.parseInt(lower.substring(from, lower.indexOf("\r\n", from)).trim());
  }
}
