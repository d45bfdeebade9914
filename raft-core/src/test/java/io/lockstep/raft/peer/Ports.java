package io.lockstep.raft.peer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Ports that are free now and stay away from the range from which the kernel takes those of
 * outgoing connections: a test that stops a server and starts it again on the same port must find
 * it free.
 */
public final class Ports {
  private static final int FIRST = 10_000;
  private static final int COUNT = 20_000;

  /** The golden section of them: what run beside each other begin far from each other. */
  private static final int STRIDE = 12_361;

  private static final AtomicInteger NEXT =
      new AtomicInteger((int) (ProcessHandle.current().pid() * STRIDE % COUNT));

  private Ports() {}

  /** A port that no one listens on. */
  public static int free() {
    for (int tries = 0; tries < COUNT; tries++) {
      int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port");
  }

  /** The first of so many ports in a row that no one listens on, nor so many from 100 later. */
  public static int freeWithPeers(int count) {
    while (true) {
      int first = free();
      boolean all =
          IntStream.range(0, count)
              .flatMap(i -> IntStream.of(first + i, first + 100 + i))
              .allMatch(Ports::isFree);
      if (all) {
        NEXT.addAndGet(100 + count);
        return first;
      }
    }
  }

  /** Whether one could listen on {@code port} of loopback now. */
  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
