package io.lockstep.raft.peer;

import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;

/**
 * A refusal with its explanation: the payload of the frame that says so before the connection is
 * closed.
 *
 * @param text printable ASCII, one line; at most {@value #TEXT_LENGTH_MAX} characters of what was
 *     given
 */
record Rejection(Refusal refusal, String text) {
  static final int TEXT_LENGTH_MAX = 500;

  Rejection {
    String bounded = text.length() > TEXT_LENGTH_MAX ? text.substring(0, TEXT_LENGTH_MAX) : text;
    text = bounded.replaceAll("[^ -~]", "?");
  }

  void encode(ByteWriter target) {
    target.u8(refusal.code()).text(text);
  }

  static Rejection decode(ByteReader source) throws FrameReader.BadFrame {
    try {
      Rejection rejection = new Rejection(Refusal.ofCode(source.u8()), source.text());
      source.end();
      return rejection;
    } catch (Malformed e) {
      throw FrameReader.malformed(e);
    }
  }
}
