package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.lockstep.kv.command.Command.Add;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.KeyCondition.Always;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.result.Failure.ConditionFailed;
import io.lockstep.kv.result.Failure.CounterOverflow;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.NotANumber;
import io.lockstep.kv.result.Failure.StaleToken;
import io.lockstep.kv.result.Result.Added;
import io.lockstep.kv.watch.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 4: a counter is a key whose value is decimal text. */
class ContractCountersTest {
  private final TestMachine cluster = new TestMachine();

  private static Add add(String key, long delta) {
    return new Add(b(key), delta, new Always(), List.of(), false);
  }

  @Test
  void aCounterStartsAtZeroAndIsAKeyLikeAnyOther() {
    Added first = cluster.apply(Added.class, add("hits", 5));
    assertEquals(5, first.value());
    assertEquals(true, first.created());
    Added second = cluster.apply(Added.class, add("hits", -7));
    assertEquals(-2, second.value());
    assertEquals(false, second.created());
    assertEquals(2, second.meta().version());
    assertEquals("-2", cluster.value("hits"));
    Event event = cluster.events(3).getFirst();
    assertEquals(b("-2"), ((Event.OfKey) event).current().value(), "watched like a key");
    cluster.apply(put("hits", "41"));
    assertEquals(42, cluster.apply(Added.class, add("hits", 1)).value());
  }

  @Test
  void itKeepsItsLeaseAndContentType() {
    LeaseId lease = cluster.lease(60_000);
    cluster.apply(put("hits", "1", lease));
    assertEquals(lease, cluster.apply(Added.class, add("hits", 1)).meta().lease());
    assertEquals("text/plain", cluster.view().get(b("hits")).contentType());
  }

  @Test
  void onlyTheOneTextOfANumberIsANumber() {
    for (String text :
        List.of("", "x", "1.0", "1e3", "+1", "01", "-0", " 1", "1\n", "9223372036854775808", "٣")) {
      cluster.apply(put("k", text));
      assertEquals(new NotANumber(), cluster.apply(add("k", 1)), text);
    }
    for (String text : List.of("0", "-1", "9223372036854775806", "-9223372036854775808")) {
      cluster.apply(put("k", text));
      assertEquals(Long.parseLong(text) + 1, cluster.apply(Added.class, add("k", 1)).value());
    }
  }

  @Test
  void aSumThatDoesNotFitIsRefusedAndNothingChanges() {
    cluster.apply(add("k", Long.MAX_VALUE));
    long revision = cluster.revision();
    assertEquals(new CounterOverflow(Long.MAX_VALUE), cluster.apply(add("k", 1)));
    assertEquals(revision, cluster.revision());
    assertEquals(-1, cluster.apply(Added.class, add("k", Long.MIN_VALUE)).value());
    cluster.apply(add("m", Long.MIN_VALUE));
    assertEquals(new CounterOverflow(Long.MIN_VALUE), cluster.apply(add("m", -1)));
  }

  @Test
  void conditionsAndGuardsAreThoseOfAPut() {
    Add absent = new Add(b("k"), 1, new KeyCondition.Absent(), List.of(), true);
    assertInstanceOf(Added.class, cluster.apply(absent));
    ConditionFailed failed = cluster.apply(ConditionFailed.class, absent);
    assertEquals(b("1"), failed.value());
    Add guarded = new Add(b("k"), 1, new Always(), List.of(new LockGuard(b("l"), 3)), false);
    assertInstanceOf(StaleToken.class, cluster.apply(guarded));
    assertInstanceOf(KeyLengthInvalid.class, cluster.apply(add("", 1)));
  }
}
