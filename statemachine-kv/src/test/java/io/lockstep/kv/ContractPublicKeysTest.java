package io.lockstep.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.kv.command.Command.PublishKey;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.member.KeyTable;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 7: "Each node signs with a key of its own; only public keys go through the log." */
class ContractPublicKeysTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final NodeId N3 = new NodeId("n3");

  /** The longest lease, and an hour for clocks that are slow. */
  private static final long KEPT_MILLIS = 25 * 3_600_000;

  private final TestMachine cluster = new TestMachine();

  private static Bytes key(int number) {
    byte[] bytes = new byte[32];
    bytes[31] = (byte) number;
    return Bytes.wrap(bytes);
  }

  private void publish(NodeId node, int number) {
    cluster.apply(new PublishKey(node, key(number)));
  }

  private void become(NodeId... voters) {
    cluster.entry(EntryKind.MEMBERSHIP, MembershipCodec.encode(new Membership(List.of(voters))));
  }

  /** Each key as {@code node:number}, with a star while it is signed with. */
  private List<String> keys() {
    return cluster.view().members().keys().keys().stream()
        .map(key -> key.node() + ":" + key.bytes().at(31) + (key.inUse() ? "*" : ""))
        .toList();
  }

  @Test
  void eachNodeSignsWithOneAndTheRevisionStays() {
    publish(N1, 1);
    publish(N2, 2);
    assertEquals(List.of("n1:1*", "n2:2*"), keys());
    assertEquals(1, cluster.revision());
    long hash = cluster.view().members().digest();
    publish(N1, 1);
    assertEquals(hash, cluster.view().members().digest(), "nothing new");
  }

  @Test
  void theOneBeforeStaysForAsLongAsAGrantMayLast() {
    publish(N1, 1);
    publish(N1, 2);
    assertEquals(List.of("n1:1", "n1:2*"), keys());
    assertEquals(cluster.now + KEPT_MILLIS, cluster.machine.nextDueMillis());
    cluster.after(KEPT_MILLIS).tick();
    assertEquals(List.of("n1:1", "n1:2*"), keys(), "not early");
    cluster.after(1).tick();
    assertEquals(List.of("n1:2*"), keys());
    assertEquals(Long.MAX_VALUE, cluster.machine.nextDueMillis());
  }

  /** A message of an earlier life comes late; the node says again what it signs with. */
  @Test
  void oneThatWasPutAsideCanComeBack() {
    publish(N1, 1);
    publish(N1, 2);
    publish(N1, 1);
    assertEquals(List.of("n1:1*", "n1:2"), keys());
    cluster.after(KEPT_MILLIS + 1).tick();
    assertEquals(List.of("n1:1*"), keys());
  }

  @Test
  void theKeysOfANodeThatLeavesGoAfterAWhile() {
    publish(N1, 1);
    publish(N3, 3);
    become(N1, N2);
    assertEquals(List.of("n1:1*", "n3:3"), keys());
    publish(N3, 4);
    assertEquals(List.of("n1:1*", "n3:3"), keys(), "it has left");
    cluster.after(1_000);
    become(N1);
    cluster.after(KEPT_MILLIS - 999).tick();
    assertEquals(List.of("n1:1*"), keys(), "another change does not prolong them");
    become(N1, N3);
    publish(N3, 4);
    assertEquals(List.of("n1:1*", "n3:4*"), keys(), "it has come again");
  }

  @Test
  void keysOfOneNodeAreBounded() {
    for (int i = 1; i <= 9; i++) {
      publish(N1, i);
    }
    assertEquals(List.of("n1:1", "n1:2", "n1:3", "n1:4*"), keys());
    cluster.after(KEPT_MILLIS + 1);
    publish(N1, 5);
    assertEquals(List.of("n1:4", "n1:5*"), keys(), "there is room again");
  }

  @Test
  void strangersCannotFillTheTable() {
    for (int i = 0; i < 300; i++) {
      publish(new NodeId("x" + i), 1);
    }
    assertEquals(KeyTable.KEYS_MAX, keys().size());
  }

  @Test
  void replicasDifferInHashWhenTheirKeysDo() {
    TestMachine other = new TestMachine();
    publish(N1, 1);
    other.apply(new PublishKey(N1, key(2)));
    assertNotEquals(cluster.view().stateHash(), other.view().stateHash());
  }

  @Test
  void aKeyHasItsLength() {
    for (int length : List.of(0, 31, 33)) {
      Request request =
          new Request("lockstep", null, new PublishKey(N1, Bytes.wrap(new byte[length])));
      Bytes encoded = RequestCodec.encode(request);
      assertThrows(Malformed.class, () -> RequestCodec.decode(encoded));
    }
    Request good = new Request("lockstep", null, new PublishKey(N1, key(1)));
    assertEquals(good, RequestCodec.decode(RequestCodec.encode(good)));
  }
}
