package io.lockstep.raft.peer;

import static io.lockstep.raft.peer.Members.N1;
import static io.lockstep.raft.peer.Members.N2;
import static io.lockstep.raft.peer.Members.member;
import static io.lockstep.raft.peer.TestNode.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.peer.Hello.Purpose;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection between the moment when the dialer had it and its end. */
class OutgoingConnectionTest {
  private static final Identity OWN = member(N1, 1, 2);

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger downs = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  /** Such a socket tells nobody of its end any more: without the call a link stayed up for ever. */
  @Test
  void givingUpASocketThatWasClosedBeforeItWasTakenOverIsAnEnd() throws Exception {
    NetServer server =
        get(vertx.createNetServer().connectHandler(socket -> {}).listen(0, "127.0.0.1"));
    NetSocket socket = get(vertx.createNetClient().connect(server.actualPort(), "127.0.0.1"));
    Promise<Void> closed = Promise.promise();
    socket.closeHandler(ignored -> closed.complete());
    get(socket.close());
    get(closed.future());
    Context loop = vertx.getOrCreateContext();
    Promise<Integer> seen = Promise.promise();
    loop.runOnContext(
        turn -> {
          OutgoingConnection connection = connection(loop, socket);
          connection.begin();
          connection.close();
          connection.close();
          seen.complete(downs.get());
        });
    assertEquals(1, get(seen.future()), "told once, although it was given up twice");
  }

  private OutgoingConnection connection(Context loop, NetSocket socket) {
    PeerOptions options = TestNode.options(N1, TestNode.freePorts(N1, N2));
    LocalNode local = new LocalNode(vertx, options, OWN);
    Hello hello = PeerIntruderTest.hello(member(N2, 1, 2), N1, Purpose.LINK, 1);
    return new OutgoingConnection(
        local,
        loop,
        N2,
        new Dialer.Answer.Welcome(
            socket, new FrameReader(Hello.FRAME_BYTES_MAX), new FrameWriter(), hello),
        downs::incrementAndGet);
  }
}
