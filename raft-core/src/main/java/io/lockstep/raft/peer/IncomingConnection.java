package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.peer.FrameReader.BadFrame;
import io.lockstep.raft.peer.FrameReader.Frame;
import io.lockstep.raft.peer.Hello.Purpose;
import io.lockstep.raft.transport.Transport.Receiver;
import io.lockstep.raft.wire.MessageCodec;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection. It gives nothing to the node above until its hello was checked; the
 * first thing that is not as it should be ends it. Owned by the event loop.
 */
final class IncomingConnection {
  private static final int LENGTH_BYTES_MAX = 4;

  private final LocalNode local;
  private final Acceptor acceptor;
  private final SnapshotStreams snapshots;
  private final NetSocket socket;
  private final FrameReader reader = new FrameReader(Hello.FRAME_BYTES_MAX);
  private final FrameWriter frames = new FrameWriter();
  private final ByteWriter bytes = new ByteWriter(256);
  private State state = new State.Strange();
  private int silentPings;
  private long timer;

  private sealed interface State {
    /** Nothing was said yet. */
    record Strange() implements State {}

    /** The hello was answered; the dialer wanted no more and will close. */
    record Answered() implements State {}

    /** {@code peer} may send to {@code receiver}. */
    record Linked(NodeId peer, Receiver receiver) implements State {}

    /** A snapshot comes in. */
    record Carrying(IncomingSnapshot snapshot) implements State {}

    /** Given up; what still arrives is not looked at. */
    record Ended() implements State {}
  }

  IncomingConnection(
      LocalNode local, Acceptor acceptor, SnapshotStreams snapshots, NetSocket socket) {
    this.local = local;
    this.acceptor = acceptor;
    this.snapshots = snapshots;
    this.socket = socket;
  }

  void begin() {
    socket.handler(this::onBytes);
    socket.exceptionHandler(failure -> {});
    socket.closeHandler(closed -> onClosed());
    timer = local.vertx.setTimer(local.options.times().handshakeMillis(), id -> onHandshakeTime());
  }

  /** Ends the connection without a word. */
  void close() {
    if (!(state instanceof State.Ended)) {
      acceptor.forget(this, linkedPeer());
      State before = state;
      state = new State.Ended();
      local.vertx.cancelTimer(timer);
      socket.close();
      if (before instanceof State.Carrying(IncomingSnapshot snapshot)) {
        snapshot.closed();
      }
    }
  }

  private @Nullable NodeId linkedPeer() {
    return state instanceof State.Linked(NodeId peer, Receiver ignored) ? peer : null;
  }

  private void onHandshakeTime() {
    if (state instanceof State.Strange) {
      giveUp(new Rejection(Refusal.HANDSHAKE_TIMEOUT, "no hello in time"));
    } else {
      close();
    }
  }

  private void onBytes(Buffer chunk) {
    local.counters.bytesIn.add(chunk.length());
    silentPings = 0;
    if (state instanceof State.Ended) {
      return;
    }
    if (state instanceof State.Carrying(IncomingSnapshot snapshot)) {
      snapshot.moved();
    }
    reader.feed(chunk);
    readFrames();
  }

  private boolean readsOn() {
    return switch (state) {
      case State.Ended ended -> false;
      case State.Carrying(IncomingSnapshot snapshot) -> !snapshot.storing();
      case State.Strange strange -> true;
      case State.Answered answered -> true;
      case State.Linked linked -> true;
    };
  }

  private void readFrames() {
    try {
      while (readsOn()) {
        Frame frame = reader.next();
        if (frame == null) {
          return;
        }
        onFrame(frame);
      }
    } catch (BadFrame e) {
      Rejection rejection = new Rejection(e.refusal(), String.valueOf(e.getMessage()));
      if (e.refusal() == Refusal.WRONG_VERSION) {
        refuse(rejection);
      } else {
        giveUp(rejection);
      }
    }
  }

  private void onFrame(Frame frame) throws BadFrame {
    switch (state) {
      case State.Strange strange -> {
        if (frame.kind() != FrameKind.HELLO) {
          throw new BadFrame(Refusal.UNEXPECTED, frame.kind() + " before a hello");
        }
        onHello(Hello.decode(frame.payload()));
      }
      case State.Answered answered ->
          throw new BadFrame(Refusal.UNEXPECTED, frame.kind() + " after a probe");
      case State.Linked(NodeId peer, Receiver receiver) -> onLinked(peer, receiver, frame);
      case State.Carrying(IncomingSnapshot snapshot) -> {
        local.counters.framesIn.increment();
        snapshot.onFrame(frame);
      }
      case State.Ended ended -> {}
    }
  }

  private void onHello(Hello hello) {
    Rejection misdirected = Handshake.checkIntended(local.identity(), hello);
    if (misdirected != null) {
      refuse(misdirected);
      return;
    }
    Rejection rejection = Handshake.check(local.identity(), local.roster(), hello);
    switch (hello.purpose()) {
      case PROBE -> {
        if (rejection != null && rejection.refusal() != Refusal.NOT_READY) {
          local.refuse(rejection, socket.remoteAddress());
        }
        answer(hello, 0);
        state = new State.Answered();
      }
      case LINK, SNAPSHOT -> {
        Receiver receiver = local.receiver();
        if (rejection != null) {
          refuse(rejection);
        } else if (receiver == null) {
          refuse(new Rejection(Refusal.NOT_READY, local.identity().node() + " is still starting"));
        } else if (hello.purpose() == Purpose.LINK) {
          link(hello, receiver);
        } else {
          carry(hello, receiver);
        }
      }
    }
  }

  private void link(Hello hello, Receiver receiver) {
    NodeId peer = hello.introduction().node();
    enter(hello, local.options.limits().frameBytesMax());
    state = new State.Linked(peer, receiver);
    local.met(hello);
    armSilence();
    acceptor.linked(peer, this);
  }

  private void carry(Hello hello, Receiver receiver) {
    enter(hello, IncomingSnapshot.FRAME_BYTES_MAX);
    IncomingSnapshot snapshot =
        new IncomingSnapshot(local, snapshots, this, hello.introduction().node(), receiver);
    state = new State.Carrying(snapshot);
    snapshot.begin();
  }

  private void enter(Hello hello, int frameBytesMax) {
    long session = ThreadLocalRandom.current().nextLong();
    answer(hello, session);
    reader.enter(session, frameBytesMax);
    frames.enter(session);
    local.vertx.cancelTimer(timer);
  }

  /** Takes in nothing more until {@link #resume}. */
  void pause() {
    socket.pause();
  }

  /** Takes in what waits, and then what comes. */
  void resume() {
    readFrames();
    if (readsOn()) {
      socket.resume();
    }
  }

  /** Sends a frame without payload. */
  void send(FrameKind kind) {
    frames.end(frames.begin(kind, bytes), bytes);
    write();
  }

  private void answer(Hello hello, long session) {
    int frame = frames.begin(FrameKind.HELLO, bytes);
    local.hello(hello.purpose(), session, hello.introduction().node()).encode(bytes);
    frames.end(frame, bytes);
    write();
  }

  private void armSilence() {
    timer =
        local.vertx.setTimer(
            local.options.times().pingMillis(),
            id -> {
              if (silentPings > local.options.times().pingsUnansweredMax()) {
                giveUp(new Rejection(Refusal.SILENT, "nothing from " + linkedPeer()));
              } else {
                silentPings++;
                armSilence();
              }
            });
  }

  private void onLinked(NodeId peer, Receiver receiver, Frame frame) throws BadFrame {
    local.counters.framesIn.increment();
    try {
      switch (frame.kind()) {
        case MESSAGE -> receiver.onMessage(peer, MessageCodec.decode(frame.payload()));
        case SERVICE -> receiver.onService(peer, service(frame.payload()));
        case PING -> pong(frame.payload());
        case REFUSED -> {
          local.refusedByPeer(Rejection.decode(frame.payload()), peer);
          close();
        }
        case HELLO, PONG, SNAPSHOT, CHUNK, SNAPSHOT_END, SNAPSHOT_DONE ->
            throw new BadFrame(Refusal.UNEXPECTED, frame.kind() + " on an incoming connection");
      }
    } catch (Malformed e) {
      throw FrameReader.malformed(e);
    }
  }

  private Bytes service(ByteReader payload) throws BadFrame {
    if (payload.remaining() > local.options.limits().serviceBytesMax() + LENGTH_BYTES_MAX) {
      throw new BadFrame(
          Refusal.OVERSIZED, "a service message of " + payload.remaining() + " bytes");
    }
    Bytes message = payload.bytes();
    payload.end();
    return message;
  }

  private void pong(ByteReader payload) {
    long number = payload.i64();
    payload.end();
    int frame = frames.begin(FrameKind.PONG, bytes);
    bytes.i64(number);
    frames.end(frame, bytes);
    write();
  }

  private void write() {
    socket.write(Buffer.buffer(bytes.toArray()));
    bytes.clear();
  }

  /** Says why, and closes. */
  void refuse(Rejection rejection) {
    local.refuse(rejection, socket.remoteAddress());
    int frame = frames.begin(FrameKind.REFUSED, bytes);
    rejection.encode(bytes);
    frames.end(frame, bytes);
    write();
    close();
  }

  private void giveUp(Rejection rejection) {
    local.refuse(rejection, socket.remoteAddress());
    close();
  }

  private void onClosed() {
    if (state instanceof State.Ended) {
      return;
    }
    if (reader.inFrame()) {
      local.refuse(
          new Rejection(Refusal.TRUNCATED, "the connection ended in the middle of a frame"),
          socket.remoteAddress());
    }
    close();
  }
}
