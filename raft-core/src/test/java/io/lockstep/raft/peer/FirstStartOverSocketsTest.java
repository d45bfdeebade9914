package io.lockstep.raft.peer;

import static io.lockstep.raft.peer.Members.N1;
import static io.lockstep.raft.peer.Members.N2;
import static io.lockstep.raft.peer.Members.N3;
import static io.lockstep.raft.peer.Members.N4;
import static io.lockstep.raft.peer.Members.empty;
import static io.lockstep.raft.peer.Members.storages;
import static io.lockstep.raft.peer.TestNode.failure;
import static io.lockstep.raft.peer.TestNode.get;
import static io.lockstep.raft.peer.TestNode.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.ClusterId;
import io.lockstep.raft.identity.Identity;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FirstStartOverSocketsTest {
  private static final ClusterId CLUSTER = ClusterId.formedBy(storages(1, 2, 3).values());

  private final SortedMap<NodeId, Integer> ports = TestNode.freePorts(N1, N2, N3);
  private final List<TestNode> nodes = new ArrayList<>();
  private Vertx vertx;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void close() {
    nodes.forEach(TestNode::close);
    get(vertx.close());
  }

  @Test
  void threeEmptyNodesFormOneClusterWhoeverComesLast() {
    for (List<NodeId> order :
        List.of(List.of(N1, N2, N3), List.of(N3, N1, N2), List.of(N2, N3, N1))) {
      List<TestNode> three = new ArrayList<>();
      List<Future<Identity>> starts = new ArrayList<>();
      for (NodeId id : order) {
        for (Future<Identity> earlier : starts) {
          assertFalse(earlier.isComplete(), "formed before all were there");
        }
        TestNode node = listening(emptied(id));
        three.add(node);
        starts.add(node.transport.firstStart(formed -> Future.succeededFuture()));
      }
      for (int i = 0; i < 3; i++) {
        Identity formed = get(starts.get(i));
        assertEquals(CLUSTER, formed.cluster());
        assertEquals(storages(1, 2, 3), formed.members());
        assertEquals(order.get(i), formed.node());
        assertEquals(formed, three.get(i).transport.identity());
      }
      three.forEach(node -> node.transport.start(node));
      assertAllSpeak(three);
      three.forEach(TestNode::close);
      nodes.clear();
    }
  }

  @Test
  void nothingIsSaidOfTheClusterBeforeItIsDurable() throws Exception {
    Promise<Void> durable = Promise.promise();
    Promise<Identity> asked = Promise.promise();
    TestNode one = listening(emptied(N1));
    Future<Identity> start =
        one.transport.firstStart(
            formed -> {
              asked.complete(formed);
              return durable.future();
            });
    listening(emptied(N2)).transport.firstStart(formed -> Promise.<Void>promise().future());
    listening(emptied(N3)).transport.firstStart(formed -> Promise.<Void>promise().future());
    Identity formed = get(asked.future());
    assertNull(probe(N1).introduction().cluster());
    assertFalse(one.transport.identity().formed());
    assertFalse(start.isComplete());
    durable.complete();
    assertEquals(formed, get(start));
    assertEquals(CLUSTER, probe(N1).introduction().cluster());
  }

  @Test
  void aNodeThatFellBeforeItWasDurableAdoptsWhatTheOthersFormed() {
    TestNode one = listening(emptied(N1));
    Promise<Identity> asked = Promise.promise();
    one.transport.firstStart(
        formed -> {
          asked.tryComplete(formed);
          return Promise.<Void>promise().future();
        });
    Future<Identity> two = listening(emptied(N2)).transport.firstStart(f -> kept());
    Future<Identity> three = listening(emptied(N3)).transport.firstStart(f -> kept());
    get(asked.future());
    assertEquals(CLUSTER, get(two).cluster());
    assertEquals(CLUSTER, get(three).cluster());
    assertFalse(one.transport.identity().formed());
    one.close();
    Future<Identity> again = listening(emptied(N1)).transport.firstStart(f -> kept());
    assertEquals(CLUSTER, get(again).cluster());
  }

  @Test
  void anEmptiedNodeIsRefusedSaysWhyAndTheOthersGoOn() {
    TestNode one = TestNode.started(vertx, Members.member(N1, 1, 2, 3), ports);
    TestNode three = TestNode.started(vertx, Members.member(N3, 1, 2, 3), ports);
    nodes.addAll(List.of(one, three));
    one.awaitConnected(N3);
    TestNode two = listening(empty(N2, 9));
    Throwable refused = failure(two.transport.firstStart(f -> Future.failedFuture("kept " + f)));
    assertTrue(refused instanceof PeerPortException, refused.toString());
    String text = refused.getMessage();
    assertTrue(text.contains("data directory of n2 is not the one"), text);
    assertTrue(text.contains("remove n2 from the cluster and add it again"), text);
    until(() -> one.refused(Refusal.WRONG_STORAGE) + three.refused(Refusal.WRONG_STORAGE) > 0);
    two.close();
    one.transport.send(N3, new Message.TimeoutNow(1));
    until(() -> three.messages.size() == 1);
    assertEquals(CLUSTER, one.transport.identity().cluster());
  }

  @Test
  void nodesThatNameOtherNodesAreRefused() {
    SortedMap<NodeId, Integer> others = new TreeMap<>(ports);
    others.put(N4, Ports.free());
    TestNode one = listening(emptied(N1));
    TestNode two = new TestNode(vertx, TestNode.options(N2, others), emptied(N2));
    nodes.add(two);
    get(two.transport.listen());
    Future<Identity> start = one.transport.firstStart(f -> kept());
    for (Future<Identity> each : List.of(start, two.transport.firstStart(f -> kept()))) {
      String text = failure(each).getMessage();
      assertTrue(text.contains("[n1, n2, n3]") && text.contains("[n1, n2, n3, n4]"), text);
    }
  }

  @Test
  void aMemberGoesOnAtOnceUnlessItsListNamesOthers() {
    TestNode one = listening(Members.member(N1, 1, 2, 3));
    Identity same = get(one.transport.firstStart(f -> Future.failedFuture("kept " + f)));
    assertEquals(Members.member(N1, 1, 2, 3), same);
    TestNode two = listening(Members.member(N2, 1, 2));
    String text = failure(two.transport.firstStart(f -> kept())).getMessage();
    assertTrue(text.contains("belongs to cluster") && text.contains("[n1, n2]"), text);
  }

  @Test
  void whatCannotBeKeptIsNotBegun() {
    List<Future<Identity>> starts = new ArrayList<>();
    for (NodeId id : List.of(N1, N2, N3)) {
      TestNode node = listening(emptied(id));
      starts.add(node.transport.firstStart(f -> Future.failedFuture("no disk")));
    }
    starts.forEach(start -> assertEquals("no disk", failure(start).getMessage()));
    nodes.forEach(node -> assertFalse(node.transport.identity().formed()));
  }

  @Test
  void aNodeThatStopsWhileItWaitsSaysSo() {
    TestNode one = listening(emptied(N1));
    Future<Identity> start = one.transport.firstStart(f -> kept());
    one.close();
    assertTrue(failure(start).getMessage().contains("stopped before its first start"));
  }

  private static Identity emptied(NodeId id) {
    return empty(id, id.text().charAt(1) - '0');
  }

  private static Future<Void> kept() {
    return Future.succeededFuture();
  }

  private TestNode listening(Identity identity) {
    TestNode node = new TestNode(vertx, TestNode.options(identity.node(), ports), identity);
    get(node.transport.listen());
    nodes.add(node);
    return node;
  }

  private Hello probe(NodeId node) throws Exception {
    try (RawPeer peer = RawPeer.dial(ports.get(node))) {
      peer.send(
          PeerIntruderTest.hello(emptied(node.equals(N2) ? N1 : N2), node, Hello.Purpose.PROBE, 0));
      return peer.receiveHello();
    }
  }

  private static void assertAllSpeak(List<TestNode> all) {
    for (TestNode from : all) {
      for (TestNode to : all) {
        if (from != to) {
          NodeId peer = to.transport.identity().node();
          from.awaitConnected(peer);
          from.transport.send(peer, new Message.TimeoutNow(1));
        }
      }
    }
    all.forEach(node -> until(() -> node.messages.size() == 2));
  }
}
