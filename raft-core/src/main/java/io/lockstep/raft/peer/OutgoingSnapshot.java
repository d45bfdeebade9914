package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.peer.FrameReader.BadFrame;
import io.lockstep.raft.peer.FrameReader.Frame;
import io.lockstep.raft.peer.Hello.Purpose;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport.SnapshotSent;
import io.lockstep.raft.wire.SnapshotMetaCodec;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot on its way to a peer: a chunk is read when the socket has room for it, so that no
 * more than a few are in memory. Owned by the event loop.
 */
final class OutgoingSnapshot {
  private static final int WRITE_QUEUE_BYTES = 512 << 10;

  private final LocalNode local;
  private final SnapshotStreams streams;
  private final NodeId peer;
  private final long term;
  private final SnapshotSource source;
  private final SnapshotSent done;
  private final ByteWriter bytes = new ByteWriter(160 << 10);
  private @Nullable Stream stream;
  private long chunks;
  private long stateBytes;
  private boolean reading;
  private boolean sentAll;
  private boolean ended;
  private long timer;

  /** The open connection. */
  private record Stream(NetSocket socket, FrameReader reader, FrameWriter writer) {}

  OutgoingSnapshot(
      LocalNode local,
      SnapshotStreams streams,
      NodeId peer,
      long term,
      SnapshotSource source,
      SnapshotSent done) {
    this.local = local;
    this.streams = streams;
    this.peer = peer;
    this.term = term;
    this.source = source;
    this.done = done;
  }

  void begin(Dialer dialer) {
    dialer.dial(peer, Purpose.SNAPSHOT).onSuccess(this::onAnswer);
  }

  private void onAnswer(Dialer.Answer answer) {
    switch (answer) {
      case Dialer.Answer.Welcome welcome -> {
        Rejection rejection = Handshake.check(local.identity(), local.roster(), welcome.hello());
        if (ended) {
          welcome.socket().close();
        } else if (rejection != null) {
          welcome.reject(rejection);
          local.refuse(rejection, peer);
          end(false);
        } else {
          start(new Stream(welcome.socket(), welcome.reader(), welcome.writer()));
        }
      }
      case Dialer.Answer.Refused refused -> end(false);
      case Dialer.Answer.GivenUp givenUp -> end(false);
      case Dialer.Answer.Unreachable unreachable -> {
        local.counters.dialsFailed.increment();
        end(false);
      }
    }
  }

  private void start(Stream opened) {
    stream = opened;
    NetSocket socket = opened.socket();
    socket.setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
    socket.handler(this::onBytes);
    socket.drainHandler(drained -> pump());
    socket.closeHandler(closed -> end(false));
    local.log.info("sending {} a snapshot up to entry {}", peer, source.meta().last().index());
    write(
        opened,
        FrameKind.SNAPSHOT,
        target -> {
          target.varint(term);
          SnapshotMetaCodec.encode(source.meta(), target);
        });
    pump();
  }

  /** Reads the next chunk if there is room for it. */
  private void pump() {
    Stream open = stream;
    if (ended || open == null) {
      return;
    }
    armStall();
    if (!reading && !sentAll && !open.socket().writeQueueFull()) {
      reading = true;
      streams
          .onBulk(() -> Optional.ofNullable(source.next()))
          .onComplete(
              chunk -> {
                reading = false;
                onChunk(open, chunk);
              },
              this::onUnreadable);
    }
  }

  private void onChunk(Stream open, Optional<Bytes> chunk) {
    if (ended) {
      return;
    }
    if (chunk.isPresent()) {
      chunks++;
      stateBytes += chunk.get().length();
      local.counters.snapshotBytesOut.add(chunk.get().length());
      write(open, FrameKind.CHUNK, target -> target.bytes(chunk.get()));
    } else {
      // Only now: the source has checked that all of it was whole.
      sentAll = true;
      write(open, FrameKind.SNAPSHOT_END, target -> target.varint(chunks).varint(stateBytes));
    }
    pump();
  }

  private void onUnreadable(Throwable failure) {
    local.log.info("the snapshot for {} cannot be read: {}", peer, failure.toString());
    end(false);
  }

  private void write(Stream open, FrameKind kind, Consumer<ByteWriter> payload) {
    int frame = open.writer().begin(kind, bytes);
    payload.accept(bytes);
    open.writer().end(frame, bytes);
    local.counters.framesOut.increment();
    local.counters.bytesOut.add(bytes.size());
    local.counters.writes.increment();
    open.socket().write(Buffer.buffer(bytes.size()).appendBytes(bytes.array(), 0, bytes.size()));
    bytes.clear();
  }

  private void onBytes(Buffer chunk) {
    local.counters.bytesIn.add(chunk.length());
    Stream open = stream;
    if (ended || open == null) {
      return;
    }
    open.reader().feed(chunk);
    try {
      for (@Nullable Frame frame = open.reader().next();
          frame != null && !ended;
          frame = open.reader().next()) {
        local.counters.framesIn.increment();
        onFrame(frame);
      }
    } catch (BadFrame e) {
      giveUp(new Rejection(e.refusal(), String.valueOf(e.getMessage())));
    }
  }

  private void onFrame(Frame frame) throws BadFrame {
    switch (frame.kind()) {
      case SNAPSHOT_DONE -> {
        if (!sentAll || frame.payload().remaining() > 0) {
          throw new BadFrame(Refusal.UNEXPECTED, "a snapshot is done that was not sent");
        }
        end(true);
      }
      case REFUSED -> {
        local.refusedByPeer(Rejection.decode(frame.payload()), peer);
        end(false);
      }
      case HELLO, PING, PONG, MESSAGE, SERVICE, SNAPSHOT, CHUNK, SNAPSHOT_END ->
          throw new BadFrame(Refusal.UNEXPECTED, frame.kind() + " in answer to a snapshot");
    }
  }

  /** Something moved; it must again before the time is over, unless this node is the slow one. */
  private void armStall() {
    local.vertx.cancelTimer(timer);
    timer =
        local.vertx.setTimer(
            local.options.times().snapshotStallMillis(),
            id -> {
              if (reading) {
                armStall();
              } else {
                giveUp(new Rejection(Refusal.STALLED, peer + " takes no more of a snapshot"));
              }
            });
  }

  private void giveUp(Rejection rejection) {
    if (!ended) {
      local.refuse(rejection, peer);
      end(false);
    }
  }

  /** Ends it; only the first call counts. */
  void end(boolean delivered) {
    if (ended) {
      return;
    }
    ended = true;
    local.vertx.cancelTimer(timer);
    Stream open = stream;
    if (open != null) {
      open.socket().close();
    }
    (delivered ? local.counters.snapshotsSent : local.counters.snapshotsFailed).increment();
    local.log.info("the snapshot for {} was {}delivered", peer, delivered ? "" : "not ");
    streams.forget(peer, this);
    streams
        .onBulk(
            () -> {
              source.close();
              return delivered;
            })
        .onComplete(
            closed -> done.sent(delivered),
            failure -> {
              local.log.info("a snapshot was not closed: {}", failure.toString());
              done.sent(delivered);
            });
  }
}
