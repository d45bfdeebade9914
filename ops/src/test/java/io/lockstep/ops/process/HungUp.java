package io.lockstep.ops.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that is gone before its answer. */
final class HungUp {
  private HungUp() {}

  /** Sends a request and closes the connection at once. */
  static void send(LocalNode node, String method, String path, String body, String... headers) {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: test\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      text.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    text.append("Content-Length: ").append(content.length).append("\r\n\r\n");
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), node.clientPort), 1_000);
      socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(content);
    } catch (IOException nobodyThere) {
      // A request that did not arrive is as good as one that did: nobody waits for its answer.
    }
  }
}
