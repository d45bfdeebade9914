package io.lockstep.raft.peer;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.peer.FrameReader.BadFrame;
import io.lockstep.raft.peer.FrameReader.Frame;
import io.lockstep.raft.wire.MessageCodec;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One open outgoing connection. Any thread offers; the event loop encodes all that waits and hands
 * it to the socket in one write. What waits is bounded in bytes; what does not fit is not taken.
 * While the socket is full, nothing is encoded.
 */
final class OutgoingConnection {
  private static final int SERVICE_BYTES_FIXED = 64;

  private final LocalNode local;
  private final Context loop;
  private final NodeId peer;
  private final NetSocket socket;
  private final FrameReader reader;
  private final FrameWriter frames;
  private final Runnable onDown;
  private final ByteWriter bytes = new ByteWriter(16 << 10);
  private final Queue<Outgoing> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicBoolean flushScheduled = new AtomicBoolean();
  private int framesInWrite;
  private final RoundTrips roundTrips = new RoundTrips();
  private long pingNumber;
  private int pingsUnanswered;
  private long timer;
  private boolean down;

  private sealed interface Outgoing {
    int sizeMax();

    record Protocol(Message message, int sizeMax) implements Outgoing {}

    record Service(Bytes payload, int sizeMax) implements Outgoing {}
  }

  /** {@code onDown} is called once, on the loop, when the connection is no more. */
  OutgoingConnection(
      LocalNode local, Context loop, NodeId peer, Dialer.Answer.Welcome welcome, Runnable onDown) {
    this.local = local;
    this.loop = loop;
    this.peer = peer;
    this.socket = welcome.socket();
    this.reader = welcome.reader();
    this.frames = welcome.writer();
    this.onDown = onDown;
  }

  /** Takes the socket over. On the loop. */
  void begin() {
    socket.setWriteQueueMaxSize(2 * local.options.limits().writeBytesMax());
    socket.handler(this::onBytes);
    socket.drainHandler(drained -> flush());
    socket.closeHandler(closed -> onClosed());
    armPing();
    readFrames();
  }

  /** See {@link RoundTrips#nanos}. Any thread. */
  long roundTripNanos() {
    return roundTrips.nanos();
  }

  /** Offers a protocol message; false when it was not taken. Any thread. */
  boolean offer(Message message) {
    return offer(new Outgoing.Protocol(message, MessageCodec.sizeMax(message)));
  }

  /** Offers a service message; false when it was not taken. Any thread. */
  boolean offer(Bytes payload) {
    return offer(new Outgoing.Service(payload, payload.length() + SERVICE_BYTES_FIXED));
  }

  long waitingBytes() {
    return waitingBytes.get();
  }

  /**
   * Gives the connection up. On the loop. It is down then, whether or not the socket still tells
   * that it is closed: one that was closed before it was taken over tells nobody.
   */
  void close() {
    socket.close();
    onClosed();
  }

  private boolean offer(Outgoing outgoing) {
    PeerOptions.Limits limits = local.options.limits();
    if (outgoing.sizeMax() > limits.frameBytesMax()) {
      return false;
    }
    if (waitingBytes.addAndGet(outgoing.sizeMax()) > limits.outgoingBytesMax()) {
      waitingBytes.addAndGet(-outgoing.sizeMax());
      return false;
    }
    waiting.add(outgoing);
    if (flushScheduled.compareAndSet(false, true)) {
      loop.runOnContext(turn -> flush());
    }
    return true;
  }

  private void flush() {
    flushScheduled.set(false);
    while (!down && !socket.writeQueueFull()) {
      int limit = local.options.limits().writeBytesMax();
      while (bytes.size() < limit) {
        Outgoing next = waiting.poll();
        if (next == null) {
          break;
        }
        waitingBytes.addAndGet(-next.sizeMax());
        encode(next);
      }
      if (bytes.size() == 0) {
        return;
      }
      write();
    }
  }

  private void encode(Outgoing outgoing) {
    switch (outgoing) {
      case Outgoing.Protocol protocol -> {
        int frame = frames.begin(FrameKind.MESSAGE, bytes);
        MessageCodec.encode(protocol.message(), bytes);
        frames.end(frame, bytes);
      }
      case Outgoing.Service service -> {
        int frame = frames.begin(FrameKind.SERVICE, bytes);
        bytes.bytes(service.payload());
        frames.end(frame, bytes);
      }
    }
    framesInWrite++;
  }

  private void write() {
    local.counters.framesOut.add(framesInWrite);
    local.counters.bytesOut.add(bytes.size());
    local.counters.writes.increment();
    socket.write(Buffer.buffer(bytes.size()).appendBytes(bytes.array(), 0, bytes.size()));
    bytes.clear();
    framesInWrite = 0;
  }

  private void armPing() {
    timer = local.vertx.setTimer(local.options.times().pingMillis(), id -> ping());
  }

  /**
   * The next ping is armed only when this one is sent: a process that was stopped makes up for none
   * of them.
   */
  private void ping() {
    if (pingsUnanswered >= local.options.times().pingsUnansweredMax()) {
      giveUp(
          new Rejection(Refusal.SILENT, peer + " left " + pingsUnanswered + " pings unanswered"));
      return;
    }
    pingsUnanswered++;
    roundTrips.sent(pingNumber + 1, System.nanoTime());
    int frame = frames.begin(FrameKind.PING, bytes);
    bytes.i64(++pingNumber);
    frames.end(frame, bytes);
    framesInWrite++;
    write();
    armPing();
  }

  private void onBytes(Buffer chunk) {
    local.counters.bytesIn.add(chunk.length());
    reader.feed(chunk);
    readFrames();
  }

  private void readFrames() {
    try {
      for (@Nullable Frame frame = reader.next(); frame != null; frame = reader.next()) {
        local.counters.framesIn.increment();
        onFrame(frame);
      }
    } catch (BadFrame e) {
      giveUp(new Rejection(e.refusal(), String.valueOf(e.getMessage())));
    }
  }

  private void onFrame(Frame frame) throws BadFrame {
    switch (frame.kind()) {
      case PONG -> onPong(frame);
      case REFUSED -> {
        local.refusedByPeer(Rejection.decode(frame.payload()), peer);
        close();
      }
      case HELLO, PING, MESSAGE, SERVICE, SNAPSHOT, CHUNK, SNAPSHOT_END, SNAPSHOT_DONE ->
          throw new BadFrame(Refusal.UNEXPECTED, frame.kind() + " on an outgoing connection");
    }
  }

  private void onPong(Frame frame) throws BadFrame {
    try {
      long answered = frame.payload().i64();
      if (answered > pingNumber) {
        throw new BadFrame(Refusal.UNEXPECTED, "a pong without a ping");
      }
      frame.payload().end();
      roundTrips.answered(answered, System.nanoTime());
    } catch (Malformed e) {
      throw FrameReader.malformed(e);
    }
    pingsUnanswered = 0;
  }

  private void giveUp(Rejection rejection) {
    if (!down) {
      local.refuse(rejection, peer);
      close();
    }
  }

  private void onClosed() {
    if (down) {
      return;
    }
    down = true;
    local.vertx.cancelTimer(timer);
    for (Outgoing lost = waiting.poll(); lost != null; lost = waiting.poll()) {
      if (lost instanceof Outgoing.Protocol) {
        local.counters.messagesDropped.increment();
      }
    }
    onDown.run();
  }
}
