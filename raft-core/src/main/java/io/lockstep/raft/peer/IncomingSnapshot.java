package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.peer.FrameReader.BadFrame;
import io.lockstep.raft.peer.FrameReader.Frame;
import io.lockstep.raft.statemachine.ChunkSink;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.transport.Transport.Receiver;
import io.lockstep.raft.wire.SnapshotMetaCodec;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot that comes in. While a piece of it is being stored nothing more is read, so that at
 * most one chunk waits here, and the socket holds the sender back. Owned by the event loop.
 */
final class IncomingSnapshot {
  /** The longest frame of a snapshot: a chunk and its length. */
  static final int FRAME_BYTES_MAX = ChunkSink.CHUNK_BYTES_MAX + 16;

  private final LocalNode local;
  private final SnapshotStreams streams;
  private final IncomingConnection connection;
  private final NodeId peer;
  private final Receiver receiver;
  private Stage stage = Stage.AWAITED;
  private @Nullable SnapshotSink sink;
  private @Nullable SnapshotMeta meta;
  private long term;
  private long chunks;
  private long stateBytes;
  private boolean storing;
  private boolean over;
  private boolean dropped;
  private long timer;

  private enum Stage {
    /** Nothing came yet. */
    AWAITED,
    /** Chunks come. */
    COMING,
    /** All came; it is being checked and forced. */
    FINISHING,
    /** The sender was told. */
    DONE
  }

  IncomingSnapshot(
      LocalNode local,
      SnapshotStreams streams,
      IncomingConnection connection,
      NodeId peer,
      Receiver receiver) {
    this.local = local;
    this.streams = streams;
    this.connection = connection;
    this.peer = peer;
    this.receiver = receiver;
  }

  void begin() {
    armStall();
  }

  /** Whether no frame may be handed over now. */
  boolean storing() {
    return storing;
  }

  /** Bytes came. */
  void moved() {
    armStall();
  }

  void onFrame(Frame frame) throws BadFrame {
    try {
      switch (frame.kind()) {
        case SNAPSHOT -> onBegin(frame.payload());
        case CHUNK -> onChunk(frame.payload());
        case SNAPSHOT_END -> onEnd(frame.payload());
        case REFUSED -> {
          local.refusedByPeer(Rejection.decode(frame.payload()), peer);
          connection.close();
        }
        case HELLO, PING, PONG, MESSAGE, SERVICE, SNAPSHOT_DONE ->
            throw new BadFrame(Refusal.UNEXPECTED, frame.kind() + " within a snapshot");
      }
    } catch (Malformed e) {
      throw FrameReader.malformed(e);
    }
  }

  private void onBegin(ByteReader payload) throws BadFrame {
    expect(Stage.AWAITED);
    term = payload.varint();
    SnapshotMeta announced = SnapshotMetaCodec.decode(payload);
    payload.end();
    if (!streams.admit(this)) {
      connection.refuse(new Rejection(Refusal.BUSY, "another snapshot is coming in"));
      return;
    }
    stage = Stage.COMING;
    meta = announced;
    store(
        () -> Optional.ofNullable(receiver.onSnapshot(peer, term, announced)),
        opened -> {
          sink = opened.orElse(null);
          if (sink == null && !over) {
            connection.refuse(
                new Rejection(Refusal.UNWANTED, local.identity().node() + " takes no snapshot"));
          }
        });
  }

  private void onChunk(ByteReader payload) throws BadFrame {
    expect(Stage.COMING);
    Bytes chunk = payload.bytes();
    payload.end();
    if (chunk.isEmpty() || chunk.length() > ChunkSink.CHUNK_BYTES_MAX) {
      throw new BadFrame(Refusal.MALFORMED, "a chunk of " + chunk.length() + " bytes");
    }
    chunks++;
    stateBytes += chunk.length();
    local.counters.snapshotBytesIn.add(chunk.length());
    SnapshotSink target = opened();
    store(
        () -> {
          target.put(chunk);
          return chunk;
        },
        stored -> {});
  }

  private void onEnd(ByteReader payload) throws BadFrame {
    expect(Stage.COMING);
    long chunksSent = payload.varint();
    long bytesSent = payload.varint();
    payload.end();
    if (chunksSent != chunks || bytesSent != stateBytes) {
      throw new BadFrame(Refusal.MALFORMED, "a snapshot ends that did not come in full");
    }
    stage = Stage.FINISHING;
    SnapshotSink target = opened();
    SnapshotMeta announced = meta();
    store(
        () -> {
          target.finish();
          receiver.onSnapshotReceived(peer, term, announced);
          return announced;
        },
        finished -> {
          sink = null;
          stage = Stage.DONE;
          local.counters.snapshotsReceived.increment();
          if (!over) {
            connection.send(FrameKind.SNAPSHOT_DONE);
          }
        });
  }

  private void expect(Stage expected) throws BadFrame {
    if (stage != expected) {
      throw new BadFrame(Refusal.UNEXPECTED, "a frame out of place in a snapshot");
    }
  }

  private SnapshotSink opened() {
    if (sink == null) {
      throw new IllegalStateException("a snapshot that comes in has a sink");
    }
    return sink;
  }

  private SnapshotMeta meta() {
    if (meta == null) {
      throw new IllegalStateException("a snapshot that comes in was announced");
    }
    return meta;
  }

  /** Does work on the files, and reads on when it is done. */
  private <T> void store(Callable<T> work, Consumer<T> then) {
    storing = true;
    connection.pause();
    streams
        .onBulk(work)
        .onComplete(
            result -> {
              storing = false;
              then.accept(result);
              afterStoring();
            },
            failure -> {
              storing = false;
              local.log.info("a snapshot of {} was not stored: {}", peer, failure.toString());
              if (!over) {
                connection.refuse(
                    new Rejection(Refusal.NOT_STORED, local.identity().node() + " could not"));
              }
              afterStoring();
            });
  }

  private void afterStoring() {
    if (over) {
      abort();
    } else {
      if (stage == Stage.DONE) {
        streams.release(this);
      }
      armStall();
      connection.resume();
    }
  }

  boolean isSupersededBy(IncomingSnapshot newer) {
    return newer.term > term || newer.peer.equals(peer);
  }

  void supersede() {
    if (!over) {
      connection.refuse(new Rejection(Refusal.BUSY, "a newer snapshot is offered"));
    }
  }

  /** The connection is closed. Called once. */
  void closed() {
    over = true;
    local.vertx.cancelTimer(timer);
    if (stage == Stage.COMING || stage == Stage.FINISHING) {
      local.counters.snapshotsFailed.increment();
    }
    if (!storing) {
      abort();
    }
  }

  /** Drops what came in, unless it is finished; another one may come in after that. */
  private void abort() {
    if (dropped) {
      return;
    }
    dropped = true;
    SnapshotSink target = sink;
    if (target == null) {
      streams.release(this);
      return;
    }
    streams
        .onBulk(
            () -> {
              target.abort();
              return target;
            })
        .onComplete(
            aborted -> streams.release(this),
            failure -> {
              local.log.info("a snapshot was not dropped: {}", failure.toString());
              streams.release(this);
            });
  }

  private void armStall() {
    local.vertx.cancelTimer(timer);
    timer =
        local.vertx.setTimer(
            local.options.times().snapshotStallMillis(),
            id -> {
              if (storing) {
                armStall();
              } else if (stage == Stage.DONE) {
                connection.close();
              } else {
                connection.refuse(
                    new Rejection(Refusal.STALLED, "no more of a snapshot from " + peer));
              }
            });
  }
}
