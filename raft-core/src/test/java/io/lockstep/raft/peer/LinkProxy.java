package io.lockstep.raft.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A TCP proxy to put between two nodes, or a client and a node: it cuts, holds and delays what
 * passes, each way by itself. As a node sends to a peer on its own connection only, a proxy in one
 * node's {@code --cluster} list stands in one direction of the two nodes' talk. All methods may be
 * called from any thread.
 */
public final class LinkProxy implements AutoCloseable {
  private static final int PIECES_MAX = 256;

  private final ServerSocket server;
  private final int targetPort;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Map<Way, Valve> valves = new EnumMap<>(Way.class);
  private volatile boolean cut;

  /** What was read at once, empty at the end of the stream, and when it may go on. */
  private record Piece(byte[] bytes, long dueNanos) {}

  /** Which way bytes go. */
  public enum Way {
    /** From who dialed to the target. */
    TO_TARGET,
    /** From the target to who dialed. */
    FROM_TARGET
  }

  private LinkProxy(int listenPort, int targetPort) throws IOException {
    this.targetPort = targetPort;
    for (Way way : Way.values()) {
      valves.put(way, new Valve(way.name().length()));
    }
    server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), listenPort), 128);
    Thread.ofVirtual().name("proxy to " + targetPort).start(this::accept);
  }

  /** A proxy on a free port, before a target on loopback that need not be there yet. */
  public static LinkProxy to(int targetPort) {
    try {
      return new LinkProxy(Ports.free(), targetPort);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where to dial instead of the target. */
  public int port() {
    return server.getLocalPort();
  }

  /** Resets all connections, and every new one at once, until {@link #heal}. */
  public void cut() {
    cut = true;
    resetAll();
  }

  /** Resets all connections; new ones pass. */
  public void reset() {
    resetAll();
  }

  /** Bytes go neither way, and no one is told: a cut cable, or a stopped process. */
  public void hold() {
    for (Way way : Way.values()) {
      hold(way);
    }
  }

  /** Bytes go only the other way, and no one is told. */
  public void hold(Way way) {
    valve(way).set(true, 0, 0);
  }

  /** Every piece that goes this way arrives later by a random time; order is kept. */
  public void delay(Way way, long millisMin, long millisMax) {
    valve(way).set(false, millisMin, millisMax);
  }

  /** All passes again, at once; what was held goes on. */
  public void heal() {
    cut = false;
    for (Way way : Way.values()) {
      valve(way).set(false, 0, 0);
    }
  }

  /** Open connections, each counted once at either side. */
  public int connections() {
    return sockets.size() / 2;
  }

  @Override
  public void close() {
    cut = true;
    heal();
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    resetAll();
  }

  private Valve valve(Way way) {
    return Objects.requireNonNull(valves.get(way));
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket dialer = server.accept();
        Thread.ofVirtual().start(() -> join(dialer));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void join(Socket dialer) {
    if (cut) {
      reset(dialer);
      return;
    }
    Socket target = new Socket();
    try {
      target.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort), 2_000);
      dialer.setTcpNoDelay(true);
      target.setTcpNoDelay(true);
    } catch (IOException refused) {
      reset(dialer);
      return;
    }
    sockets.add(dialer);
    sockets.add(target);
    if (cut || server.isClosed()) {
      reset(dialer);
      reset(target);
    }
    Thread.ofVirtual().start(() -> pump(dialer, target, Way.TO_TARGET));
    Thread.ofVirtual().start(() -> pump(target, dialer, Way.FROM_TARGET));
  }

  /** Reads ahead of the writer, so that a delay does not narrow the link. */
  private void pump(Socket from, Socket to, Way way) {
    BlockingQueue<Piece> under = new ArrayBlockingQueue<>(PIECES_MAX);
    Thread writer = Thread.ofVirtual().start(() -> write(under, from, to, way));
    byte[] buffer = new byte[64 << 10];
    try {
      int length;
      do {
        length = from.getInputStream().read(buffer);
        byte[] bytes = Arrays.copyOf(buffer, Math.max(0, length));
        under.put(new Piece(bytes, valve(way).due()));
      } while (length >= 0);
    } catch (IOException broken) {
      writer.interrupt();
      reset(from);
      reset(to);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(BlockingQueue<Piece> under, Socket from, Socket to, Way way) {
    try {
      Piece piece = under.take();
      while (piece.bytes().length > 0) {
        valve(way).pass(piece.dueNanos());
        to.getOutputStream().write(piece.bytes());
        piece = under.take();
      }
      valve(way).pass(piece.dueNanos());
      to.shutdownOutput();
    } catch (IOException broken) {
      reset(from);
      reset(to);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    forgetIfDone(from, to);
  }

  private void forgetIfDone(Socket from, Socket to) {
    boolean done =
        from.isClosed() || to.isClosed() || from.isOutputShutdown() && to.isOutputShutdown();
    if (done) {
      reset(from);
      reset(to);
    }
  }

  private void resetAll() {
    sockets.forEach(this::reset);
  }

  /** Closes with a reset, as a crashed process does, unless all was sent and the end was said. */
  private void reset(Socket socket) {
    sockets.remove(socket);
    try {
      if (!socket.isOutputShutdown()) {
        socket.setSoLinger(true, 0);
      }
      socket.close();
    } catch (IOException alreadyGone) {
      sockets.remove(socket);
    }
  }

  /** What bytes of one way go through. */
  private static final class Valve {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Random random;
    private boolean held;
    private long millisMin;
    private long millisMax;

    Valve(long seed) {
      random = new Random(seed);
    }

    void set(boolean held, long millisMin, long millisMax) {
      lock.lock();
      try {
        this.held = held;
        this.millisMin = millisMin;
        this.millisMax = millisMax;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    /** When a piece that arrives now may go on, at the earliest. */
    long due() {
      lock.lock();
      try {
        long late = millisMax == 0 ? 0 : millisMin + random.nextLong(millisMax - millisMin + 1);
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(late);
      } finally {
        lock.unlock();
      }
    }

    /** Returns when a piece may go on. */
    void pass(long dueNanos) throws InterruptedException {
      lock.lockInterruptibly();
      try {
        long left = dueNanos - System.nanoTime();
        while (held || left > 0 && millisMax > 0) {
          if (held) {
            changed.await();
          } else {
            changed.awaitNanos(left);
          }
          left = dueNanos - System.nanoTime();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
