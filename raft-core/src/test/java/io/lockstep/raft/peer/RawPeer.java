package io.lockstep.raft.peer;

import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.peer.FrameReader.BadFrame;
import io.lockstep.raft.peer.FrameReader.Frame;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection, played by hand with a blocking socket: it says whatever a test
 * wants.
 */
final class RawPeer implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;

  final Socket socket;
  final FrameWriter writer = new FrameWriter();
  private final FrameReader reader = new FrameReader(8 << 20);

  private RawPeer(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  static RawPeer dial(int port) throws IOException {
    return new RawPeer(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  static ServerSocket listen(int port) throws IOException {
    ServerSocket server = new ServerSocket();
    server.setReuseAddress(true);
    server.setSoTimeout(PATIENCE_MILLIS);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return server;
  }

  static RawPeer accept(ServerSocket server) throws IOException {
    return new RawPeer(server.accept());
  }

  /** The bytes of the next frame. */
  byte[] frame(FrameKind kind, Consumer<ByteWriter> payload) {
    ByteWriter bytes = new ByteWriter(64);
    int frame = writer.begin(kind, bytes);
    payload.accept(bytes);
    writer.end(frame, bytes);
    return bytes.toArray();
  }

  RawPeer send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  RawPeer send(FrameKind kind, Consumer<ByteWriter> payload) throws IOException {
    return send(frame(kind, payload));
  }

  RawPeer send(Hello hello) throws IOException {
    return send(FrameKind.HELLO, hello::encode);
  }

  /** The next frame; null at the end of the connection. */
  @Nullable Frame receive() throws IOException {
    try {
      Frame frame = reader.next();
      byte[] chunk = new byte[64 << 10];
      while (frame == null) {
        int length = socket.getInputStream().read(chunk);
        if (length < 0) {
          return null;
        }
        reader.feed(Buffer.buffer(Arrays.copyOf(chunk, length)));
        frame = reader.next();
      }
      return frame;
    } catch (BadFrame e) {
      throw new IOException(e);
    }
  }

  Hello receiveHello() throws IOException, BadFrame {
    return Hello.decode(receive(FrameKind.HELLO));
  }

  Rejection receiveRejection() throws IOException, BadFrame {
    return Rejection.decode(receive(FrameKind.REFUSED));
  }

  ByteReader receive(FrameKind kind) throws IOException {
    Frame frame = receive();
    if (frame == null || frame.kind() != kind) {
      throw new AssertionError("expected " + kind + ", got " + frame);
    }
    return frame.payload();
  }

  /** Says hello as a dialer and enters the session that the listener names. */
  RawPeer link(Hello hello) throws IOException, BadFrame {
    send(hello);
    enter(receiveHello().session());
    return this;
  }

  void enter(long session) {
    writer.enter(session);
    reader.enter(session, 8 << 20);
  }

  /** Whether the other side closed, with nothing more said. */
  boolean closedByPeer() {
    try {
      return receive() == null;
    } catch (IOException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
