package io.lockstep.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lockstep.ops.config.Address;
import io.lockstep.ops.config.NodeConfig;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.Joined;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.peer.PeerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node that joins makes of the answers of the one that it asks. */
class JoiningTest {
  private static final String CLUSTER = "c".repeat(32);
  private static final String FOUNDER = "1".repeat(32);
  private static final String ALREADY =
      "{\"code\":\"already-member\",\"detail\":\"n4 is a member\"}";

  private final Queue<String> pages = new ArrayDeque<>();
  private final Queue<Answer> answers = new ArrayDeque<>();
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;
  private DataDirectory directory;

  private record Answer(int status, String body) {}

  @BeforeEach
  void open(@TempDir Path place) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/cluster", exchange -> reply(exchange, new Answer(200, pages.remove())));
    server.createContext(
        "/v1/cluster/members",
        exchange -> {
          asked.incrementAndGet();
          reply(exchange, answers.remove());
        });
    server.start();
    directory =
        DataDirectory.open(
            place.resolve("n4"), new NodeId("n4"), () -> StorageId.draw(new Random(4)), Disk.LOCAL);
  }

  @AfterEach
  void close() throws IOException {
    server.stop(0);
    directory.close();
  }

  private static void reply(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private void join() throws StartRefused {
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    NodeConfig config =
        new NodeConfig(
            new NodeId("n4"),
            directory.log().getParent(),
            Address.parse("127.0.0.1:8403"),
            PeerAddress.parse("127.0.0.1:8503"),
            Collections.unmodifiableSortedMap(new TreeMap<>()),
            NodeConfig.Journal.FILE,
            12,
            50_000,
            NodeConfig.Timing.LAN,
            1 << 20,
            new NodeConfig.Join(url, false, null));
    Joining.run(config, config.join(), directory);
  }

  private static String page(String... members) {
    return "{\"cluster_id\":\""
        + CLUSTER
        + "\",\"founders\":[\"n1\"],\"members\":["
        + String.join(",", members)
        + "]}";
  }

  private static String member(String id, String storage) {
    return "{\"id\":\"" + id + "\",\"storage_id\":\"" + storage + "\",\"peer\":\"127.0.0.1:1\"}";
  }

  private String self() {
    return member("n4", directory.identity().storage().text());
  }

  private void assertJoined() throws IOException {
    Joined joined = directory.joined();
    assertTrue(directory.identity().formed(), "the directory belongs to the cluster");
    assertEquals(
        "[n1, n4]",
        "" + (joined == null ? null : joined.members().stream().map(m -> m.id()).toList()));
  }

  @Test
  void itIsTakenIn() throws Exception {
    answers.add(new Answer(201, page(member("n1", FOUNDER), self())));
    join();
    assertJoined();
  }

  @Test
  void anAnswerThatWasLostIsFoundAgain() throws Exception {
    answers.add(new Answer(409, ALREADY));
    pages.add(page(member("n1", FOUNDER), self()));
    join();
    assertJoined();
  }

  @Test
  void aNodeThatLacksTheEntryIsAskedAgain() throws Exception {
    answers.addAll(Arrays.asList(new Answer(409, ALREADY), new Answer(409, ALREADY)));
    pages.addAll(
        Arrays.asList(
            page(member("n1", FOUNDER)),
            page(member("n1", FOUNDER)),
            page(member("n1", FOUNDER), self())));
    join();
    assertEquals(2, asked.get());
    assertJoined();
  }

  @Test
  void aNameThatAnotherDirectoryHasIsRefused() throws Exception {
    String other = page(member("n1", FOUNDER), member("n4", "4".repeat(32)));
    answers.add(new Answer(409, ALREADY));
    pages.addAll(Arrays.asList(other, other));
    StartRefused refused = assertThrows(StartRefused.class, this::join);
    assertEquals(ExitCode.IDENTITY_REFUSED, refused.exitCode());
    assertTrue(refused.getMessage().contains("already-member"), refused::getMessage);
    assertFalse(directory.identity().formed());
  }

  @Test
  void whoeverElseListensThereIsNoCluster() throws Exception {
    answers.add(new Answer(201, "<html>created</html>"));
    StartRefused refused = assertThrows(StartRefused.class, this::join);
    assertEquals(ExitCode.IDENTITY_REFUSED, refused.exitCode());
    assertTrue(refused.getMessage().contains("is no Lockstep node"), refused::getMessage);
    assertFalse(directory.identity().formed());
  }
}
