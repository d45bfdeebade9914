package io.lockstep.raft.peer;

import io.lockstep.raft.bytes.ByteReader.Malformed;

/** What a frame carries. The codes go over the wire: never renumber. */
enum FrameKind {
  /** Who speaks, and to whom. */
  HELLO(1),
  /** The other side goes no further, and why. */
  REFUSED(2),
  /** Are you there? */
  PING(3),
  /** Answers {@link #PING}. */
  PONG(4),
  /** A protocol message. */
  MESSAGE(5),
  /** A message of the service above. */
  SERVICE(6),
  /** What snapshot is about to come. */
  SNAPSHOT(7),
  /** The next piece of the snapshot. */
  CHUNK(8),
  /** The snapshot has come to its end. */
  SNAPSHOT_END(9),
  /** All of the snapshot is here, and durable. */
  SNAPSHOT_DONE(10);

  private final int code;

  FrameKind(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static FrameKind ofCode(int code) {
    return switch (code) {
      case 1 -> HELLO;
      case 2 -> REFUSED;
      case 3 -> PING;
      case 4 -> PONG;
      case 5 -> MESSAGE;
      case 6 -> SERVICE;
      case 7 -> SNAPSHOT;
      case 8 -> CHUNK;
      case 9 -> SNAPSHOT_END;
      case 10 -> SNAPSHOT_DONE;
      default -> throw new Malformed("unknown frame kind " + code);
    };
  }
}
