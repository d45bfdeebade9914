package io.lockstep.raft.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A TCP proxy to put between two nodes, or a client and a node: it cuts, holds, delays and loses
 * what passes, each way by itself. As a node sends to a peer on its own connection only, a proxy in
 * one node's {@code --cluster} list stands in one direction of the two nodes' talk. All methods may
 * be called from any thread.
 *
 * <p>Over TCP no byte of a connection is lost, doubled or overtaken: loss shows as bytes that come
 * later, all behind them waiting ({@link #lose}). What can be doubled or overtaken are connections:
 * one whose dialer has given it up delivers its last bytes after its successor's ({@link #strand}),
 * and all that one said is said again on another ({@link #replay}).
 */
public final class LinkProxy implements AutoCloseable {
  private static final int PIECES_MAX = 256;
  private static final int BEGINNING_BYTES_MAX = 256 << 10;

  /** The first time after which TCP sends again what nobody acknowledged; it doubles (RFC 6298). */
  private static final int RESEND_MILLIS = 200;

  private static final int RESENDS_MAX = 4;

  private final ServerSocket server;
  private final int targetPort;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final Map<Way, Valve> valves = new EnumMap<>(Way.class);
  private volatile boolean cut;

  /** What was read at once, empty at the end of the stream, and when it may go on. */
  private record Piece(byte[] bytes, long dueNanos) {}

  /** One connection through the proxy. */
  private static final class Link {
    final Socket dialer;
    final Socket target = new Socket();
    final ByteArrayOutputStream beginning = new ByteArrayOutputStream();
    final CountDownLatch released = new CountDownLatch(1);
    final AtomicInteger waiting = new AtomicInteger();
    boolean tooLong;
    volatile boolean stranded;

    Link(Socket dialer) {
      this.dialer = dialer;
    }

    void keepBeginning(byte[] bytes) {
      tooLong |= beginning.size() + bytes.length > BEGINNING_BYTES_MAX;
      if (!tooLong) {
        beginning.writeBytes(bytes);
      }
    }
  }

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
    valve(way).set(true, 0, 0, 0);
  }

  /** Every piece that goes this way arrives later by a random time; order is kept. */
  public void delay(Way way, long millisMin, long millisMax) {
    valve(way).set(false, millisMin, millisMax, 0);
  }

  /**
   * Of what goes this way so many percent are lost, and arrive when TCP has sent them again; what
   * is behind them waits.
   */
  public void lose(Way way, int percent) {
    valve(way).set(false, 0, 0, percent);
  }

  /** On each connection no more than so many bytes a second go this way, until {@link #heal}. */
  public void narrow(Way way, int bytesPerSecond) {
    valve(way).narrow(bytesPerSecond);
  }

  /**
   * Resets every connection at its dialer's side only. What the dialer had sent and the proxy still
   * holds reaches the target on {@link #release}, after what came by newer connections: so {@link
   * #hold} a while before, and {@link #heal} after.
   */
  public void strand() {
    for (Link link : links) {
      link.stranded = true;
      reset(link.dialer);
    }
  }

  /** Delivers the last bytes of stranded connections, then ends these. */
  public void release() {
    for (Link link : links) {
      if (link.stranded) {
        link.released.countDown();
      }
    }
  }

  /**
   * Says to the target on new connections what was said on each open one since its beginning;
   * returns how many there were. The target should not care.
   */
  public int replay() throws IOException {
    int replayed = 0;
    for (Link link : links) {
      try (Socket again = new Socket()) {
        again.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort), 2_000);
        again.getOutputStream().write(link.beginning.toByteArray());
        again.shutdownOutput();
        again.setSoTimeout(2_000);
        again.getInputStream().readAllBytes();
      } catch (SocketException | SocketTimeoutException refused) {
        // The target hung up in the middle of it, or says nothing: both are its right.
      }
      replayed++;
    }
    return replayed;
  }

  /** All passes again, at once; what was held goes on. */
  public void heal() {
    cut = false;
    for (Way way : Way.values()) {
      valve(way).set(false, 0, 0, 0);
    }
  }

  /** Pieces that came from dialers and have not gone on to the target. */
  public int waiting() {
    return links.stream().mapToInt(link -> link.waiting.get()).sum();
  }

  /** Open connections. */
  public int connections() {
    return links.size();
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
    Link link = new Link(dialer);
    try {
      link.target.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort), 2_000);
      dialer.setTcpNoDelay(true);
      link.target.setTcpNoDelay(true);
    } catch (IOException refused) {
      reset(dialer);
      return;
    }
    links.add(link);
    if (cut || server.isClosed()) {
      reset(link);
    }
    Thread.ofVirtual().start(() -> pump(link, Way.TO_TARGET));
    Thread.ofVirtual().start(() -> pump(link, Way.FROM_TARGET));
  }

  /** Reads ahead of the writer, so that a delay does not narrow the link. */
  private void pump(Link link, Way way) {
    Socket from = way == Way.TO_TARGET ? link.dialer : link.target;
    BlockingQueue<Piece> under = new ArrayBlockingQueue<>(PIECES_MAX);
    Thread writer = Thread.ofVirtual().start(() -> write(under, link, way));
    byte[] buffer = new byte[64 << 10];
    try {
      int length;
      do {
        length = from.getInputStream().read(buffer);
        valve(way).squeeze(length);
        byte[] bytes = Arrays.copyOf(buffer, Math.max(0, length));
        if (way == Way.TO_TARGET) {
          link.keepBeginning(bytes);
          link.waiting.incrementAndGet();
        }
        if (!link.stranded || way == Way.TO_TARGET) {
          under.put(new Piece(bytes, valve(way).due()));
        }
      } while (length >= 0);
    } catch (IOException broken) {
      broken(under, link, writer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The writer of a stranded connection still has to write what it holds, and the end of it. */
  private void broken(BlockingQueue<Piece> under, Link link, Thread writer) {
    if (link.stranded && under.offer(new Piece(new byte[0], System.nanoTime()))) {
      return;
    }
    writer.interrupt();
    reset(link);
  }

  private void write(BlockingQueue<Piece> under, Link link, Way way) {
    Socket to = way == Way.TO_TARGET ? link.target : link.dialer;
    try {
      Piece piece = under.take();
      while (piece.bytes().length > 0) {
        pass(link, way, piece);
        to.getOutputStream().write(piece.bytes());
        if (way == Way.TO_TARGET) {
          link.waiting.decrementAndGet();
        }
        piece = under.take();
      }
      pass(link, way, piece);
      to.shutdownOutput();
    } catch (IOException broken) {
      // Answers to a dialer that has gone are nothing to a stranded connection.
      if (!link.stranded || way == Way.TO_TARGET) {
        reset(link);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    forgetIfDone(link);
  }

  private void pass(Link link, Way way, Piece piece) throws InterruptedException {
    if (!link.stranded) {
      valve(way).pass(piece.dueNanos());
    }
    if (link.stranded) {
      link.released.await();
    }
  }

  private void forgetIfDone(Link link) {
    boolean open = !link.dialer.isClosed() && !link.target.isClosed();
    boolean ended = link.dialer.isOutputShutdown() && link.target.isOutputShutdown();
    boolean delivered = link.stranded && link.target.isOutputShutdown();
    boolean held = link.stranded && !link.target.isClosed() && !delivered;
    if ((!open || ended) && !held) {
      reset(link);
    }
  }

  private void resetAll() {
    links.forEach(this::reset);
  }

  private void reset(Link link) {
    links.remove(link);
    link.released.countDown();
    reset(link.dialer);
    reset(link.target);
  }

  /** Closes with a reset, as a crashed process does, unless all was sent and the end was said. */
  private static void reset(Socket socket) {
    try {
      if (!socket.isOutputShutdown()) {
        socket.setSoLinger(true, 0);
      }
    } catch (IOException alreadyGone) {
      // Then it is closed all the same.
    }
    close(socket);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
    private int lostPercent;
    private int bytesPerSecond;

    Valve(long seed) {
      random = new Random(seed);
    }

    void set(boolean held, long millisMin, long millisMax, int lostPercent) {
      lock.lock();
      try {
        this.bytesPerSecond = 0;
        this.held = held;
        this.lostPercent = lostPercent;
        this.millisMin = millisMin;
        this.millisMax = millisMax;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    void narrow(int rate) {
      lock.lock();
      try {
        bytesPerSecond = rate;
      } finally {
        lock.unlock();
      }
    }

    /** Returns when so many bytes have come through; nothing more is read before. */
    void squeeze(int bytes) throws InterruptedException {
      lock.lockInterruptibly();
      try {
        long begin = System.nanoTime();
        while (bytesPerSecond > 0) {
          long time = TimeUnit.SECONDS.toNanos(bytes) / bytesPerSecond;
          long left = begin + time - System.nanoTime();
          if (left <= 0) {
            return;
          }
          changed.awaitNanos(left);
        }
      } finally {
        lock.unlock();
      }
    }

    /** When a piece that arrives now may go on, at the earliest. */
    long due() {
      lock.lock();
      try {
        long late = millisMax == 0 ? 0 : millisMin + random.nextLong(millisMax - millisMin + 1);
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(late + resends());
      } finally {
        lock.unlock();
      }
    }

    /** How long it takes until a piece comes through, after as many losses as chance wills. */
    private long resends() {
      long late = 0;
      long next = RESEND_MILLIS;
      for (int i = 0; i < RESENDS_MAX && random.nextInt(100) < lostPercent; i++) {
        late += next;
        next *= 2;
      }
      return late;
    }

    /** Returns when a piece may go on. */
    void pass(long dueNanos) throws InterruptedException {
      lock.lockInterruptibly();
      try {
        long left = dueNanos - System.nanoTime();
        while (held || left > 0 && (millisMax > 0 || lostPercent > 0)) {
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
