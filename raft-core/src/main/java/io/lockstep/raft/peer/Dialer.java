package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.peer.FrameReader.BadFrame;
import io.lockstep.raft.peer.FrameReader.Frame;
import io.lockstep.raft.peer.Hello.Purpose;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.net.ConnectException;

/** Opens connections to peers and says hello on them. Owned by the event loop. */
final class Dialer {
  private final LocalNode local;
  private final NetClient client;

  /** How a dial ended. */
  sealed interface Answer {
    /** The peer said hello. What became of the handshake is the caller's to judge. */
    record Welcome(NetSocket socket, FrameReader reader, FrameWriter writer, Hello hello)
        implements Answer {
      /** Says why this node goes no further, and closes. */
      void reject(Rejection rejection) {
        ByteWriter bytes = new ByteWriter(64);
        int frame = writer.begin(FrameKind.REFUSED, bytes);
        rejection.encode(bytes);
        writer.end(frame, bytes);
        socket.end(Buffer.buffer(bytes.toArray()));
      }
    }

    /** The peer is there and goes no further. */
    record Refused(Rejection rejection) implements Answer {}

    /** Somebody is there, and this node goes no further. */
    record GivenUp(Rejection rejection) implements Answer {}

    /**
     * No connection, or none that spoke in time.
     *
     * @param listening false when the host is there and nothing listens at the port
     */
    record Unreachable(String why, boolean listening) implements Answer {}
  }

  Dialer(LocalNode local) {
    this.local = local;
    this.client =
        local.vertx.createNetClient(
            new NetClientOptions()
                .setConnectTimeout((int) local.options.times().connectMillis())
                .setTcpNoDelay(true));
  }

  /**
   * Dials {@code peer} at its address in {@code --cluster}, or where its contact says that it is.
   * The future always succeeds, on the event loop.
   */
  Future<Answer> dial(NodeId peer, Purpose purpose) {
    PeerAddress address = local.address(peer);
    if (address == null) {
      return Future.succeededFuture(
          new Answer.Unreachable("nobody says where " + peer + " is", true));
    }
    Promise<Answer> answer = Promise.promise();
    client
        .connect(address.port(), address.host())
        .onComplete(
            socket -> new Dial(peer, purpose, socket, answer).begin(),
            failure -> answer.complete(unreachable(failure)));
    return answer.future();
  }

  /** A refused connection has a message of the operating system's, and no other exception does. */
  private static Answer unreachable(Throwable failure) {
    String why = String.valueOf(failure.getMessage());
    boolean refused = failure instanceof ConnectException && why.contains("Connection refused");
    return new Answer.Unreachable(why, !refused);
  }

  Future<Void> close() {
    return client.close();
  }

  /** One open connection on its way to an answer. */
  private final class Dial {
    private final NodeId peer;
    private final Purpose purpose;
    private final NetSocket socket;
    private final Promise<Answer> answer;
    private final FrameReader reader = new FrameReader(Hello.FRAME_BYTES_MAX);
    private final FrameWriter writer = new FrameWriter();
    private long timer;

    Dial(NodeId peer, Purpose purpose, NetSocket socket, Promise<Answer> answer) {
      this.peer = peer;
      this.purpose = purpose;
      this.socket = socket;
      this.answer = answer;
    }

    void begin() {
      socket.handler(this::onBytes);
      socket.exceptionHandler(failure -> {});
      socket.closeHandler(
          closed -> finish(new Answer.Unreachable(peer + " closed the connection", true)));
      timer = local.vertx.setTimer(local.options.times().handshakeMillis(), id -> onTimeout());
      ByteWriter bytes = new ByteWriter(256);
      int frame = writer.begin(FrameKind.HELLO, bytes);
      local.hello(purpose, 0, peer).encode(bytes);
      writer.end(frame, bytes);
      socket.write(Buffer.buffer(bytes.toArray()));
    }

    private void onTimeout() {
      giveUp(new Rejection(Refusal.HANDSHAKE_TIMEOUT, peer + " did not answer a hello in time"));
    }

    private void onBytes(Buffer chunk) {
      local.counters.bytesIn.add(chunk.length());
      if (answer.future().isComplete()) {
        return;
      }
      reader.feed(chunk);
      try {
        Frame frame = reader.next();
        if (frame != null) {
          onFrame(frame);
        }
      } catch (BadFrame e) {
        giveUp(new Rejection(e.refusal(), String.valueOf(e.getMessage())));
      }
    }

    private void onFrame(Frame frame) throws BadFrame {
      switch (frame.kind()) {
        case HELLO -> onHello(Hello.decode(frame.payload()));
        case REFUSED -> {
          Rejection rejection = Rejection.decode(frame.payload());
          local.refusedByPeer(rejection, peer);
          finish(new Answer.Refused(rejection));
          socket.close();
        }
        case PING, PONG, MESSAGE, SERVICE, SNAPSHOT, CHUNK, SNAPSHOT_END, SNAPSHOT_DONE ->
            throw new BadFrame(Refusal.UNEXPECTED, frame.kind() + " instead of a hello");
      }
    }

    private void onHello(Hello hello) {
      NodeId speaker = hello.introduction().node();
      if (!speaker.equals(peer)) {
        giveUp(
            new Rejection(
                Refusal.WRONG_NODE,
                speaker + " answers where --cluster says that " + peer + " is"));
        return;
      }
      reader.enter(hello.session(), Hello.FRAME_BYTES_MAX);
      writer.enter(hello.session());
      finish(new Answer.Welcome(socket, reader, writer, hello));
    }

    private void giveUp(Rejection rejection) {
      local.refuse(rejection, peer);
      finish(new Answer.GivenUp(rejection));
      socket.close();
    }

    private void finish(Answer outcome) {
      local.vertx.cancelTimer(timer);
      answer.tryComplete(outcome);
    }
  }
}
