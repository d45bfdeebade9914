package io.lockstep.http.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is let in when there is little room: what removes, and nothing that only takes an entry. */
class LaneTest {
  private static final KeyRange KEY = KeyRange.of(Bytes.utf8("k"));
  private static final Operation ADD = new Operation.Add(Bytes.utf8("n"), 1);
  private static final Operation GET = new Operation.Get(KEY, 1, false);
  private static final Operation DELETE = new Operation.Delete(KEY, 0);

  private static Lane of(List<Operation> then, List<Operation> otherwise) {
    return Lane.of(new Command.Txn(new Transaction(List.of(), then, otherwise), List.of()));
  }

  private static Operation nested(Operation... then) {
    return new Operation.Nested(new Transaction(List.of(), List.of(then), null));
  }

  @Test
  void aTransactionThatOnlyRemovesGivesRoom() {
    assertEquals(Lane.REMOVE, of(List.of(DELETE), null));
    assertEquals(Lane.REMOVE, of(List.of(GET, DELETE), List.of(GET)));
    assertEquals(Lane.REMOVE, of(List.of(GET), List.of(DELETE)));
    assertEquals(Lane.REMOVE, of(List.of(nested(DELETE)), null));
  }

  @Test
  void oneThatMayPutOrOnlyReadsDoesNot() {
    assertEquals(Lane.WRITE, of(List.of(GET), null));
    assertEquals(Lane.WRITE, of(List.of(), List.of()));
    assertEquals(Lane.WRITE, of(List.of(DELETE, ADD), null));
    assertEquals(Lane.WRITE, of(List.of(DELETE), List.of(ADD)));
    assertEquals(Lane.WRITE, of(List.of(DELETE, nested(ADD)), null));
    assertEquals(Lane.WRITE, of(List.of(nested(GET)), null));
  }
}
