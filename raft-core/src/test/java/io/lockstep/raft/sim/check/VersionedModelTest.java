package io.lockstep.raft.sim.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.sim.check.VersionedModel.Call;
import io.lockstep.raft.sim.check.VersionedModel.Condition;
import io.lockstep.raft.sim.check.VersionedModel.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VersionedModelTest {
  private final List<Operation<Call, Response>> history = new ArrayList<>();
  private long clock;

  @Test
  void aReadTellsTheRevisionOfALostWrite() {
    answered(put("a", new Condition.Absent()), new Response.Written(5));
    lost(put("b", new Condition.RevisionIs(5)));
    answered(get(), new Response.Found("b", 9, 2));
    answered(put("c", new Condition.RevisionIs(9)), new Response.Written(10));
    assertTrue(verdict().isLegal(), () -> verdict().toString());
    answered(get(), new Response.Found("b", 9, 2));
    assertEquals(false, verdict().isLegal(), "an overwritten value is not seen again");
  }

  @Test
  void aWriteThatWasRefusedIsNeverSeen() {
    answered(put("a", new Condition.Always()), new Response.Written(5));
    answered(put("b", new Condition.RevisionIs(4)), new Response.Refused(5));
    assertTrue(verdict().isLegal());
    answered(get(), new Response.Found("b", 6, 2));
    assertEquals(false, verdict().isLegal());
  }

  @Test
  void aRefusalMustBeRight() {
    answered(put("a", new Condition.Always()), new Response.Written(5));
    answered(put("b", new Condition.RevisionIs(5)), new Response.Refused(5));
    assertEquals(false, verdict().isLegal());
  }

  @Test
  void revisionsRiseAndVersionsCount() {
    answered(put("a", new Condition.Always()), new Response.Written(5));
    answered(put("b", new Condition.Always()), new Response.Written(5));
    assertEquals(false, verdict().isLegal(), "two writes of one revision");
    history.clear();
    answered(put("a", new Condition.Always()), new Response.Written(5));
    answered(put("b", new Condition.Always()), new Response.Written(6));
    answered(get(), new Response.Found("b", 6, 3));
    assertEquals(false, verdict().isLegal(), "one write was applied twice");
  }

  @Test
  void aDeletedKeyIsGoneAndStartsAgainAtVersionOne() {
    answered(put("a", new Condition.Always()), new Response.Written(5));
    answered(new Call.Delete("k", new Condition.Present()), new Response.Deleted(6));
    answered(get(), new Response.Missing());
    answered(new Call.Delete("k", new Condition.Always()), new Response.Missing());
    answered(put("b", new Condition.Absent()), new Response.Written(8));
    answered(get(), new Response.Found("b", 8, 1));
    assertTrue(verdict().isLegal(), () -> verdict().toString());
  }

  /**
   * Histories of a real store, seen through slow and lossy lines, are legal; with one read forged
   * they are not.
   */
  @Test
  void recordedRunsAreLegalAndForgedOnesAreNot() {
    for (long seed = 0; seed < 200; seed++) {
      List<Operation<Call, Response>> run = run(new SplittableRandom(seed));
      long shown = seed;
      Verdict verdict = Linearizability.checkEach(new VersionedModel(), run, Call::key);
      assertTrue(verdict.isLegal(), () -> "seed " + shown + ": " + verdict);
      List<Operation<Call, Response>> forged = forgeOneRead(run);
      Verdict found = Linearizability.checkEach(new VersionedModel(), forged, Call::key);
      assertTrue(found instanceof Verdict.Illegal, () -> "seed " + shown + ": " + found);
    }
  }

  private static List<Operation<Call, Response>> run(SplittableRandom random) {
    List<Operation<Call, Response>> run = new ArrayList<>();
    Map<String, Response.Found> store = new TreeMap<>();
    long revision = 1;
    for (int i = 0; i < 300; i++) {
      String key = "k" + random.nextInt(3);
      Response.@Nullable Found there = store.get(key);
      long at = i * 10L;
      long invoked = at - random.nextInt(40);
      Call call =
          switch (random.nextInt(4)) {
            case 0 -> new Call.Put(key, "v" + i, new Condition.Always());
            case 1 -> new Call.Put(key, "v" + i, new Condition.RevisionIs(revision - i % 2));
            case 2 -> new Call.Delete(key, new Condition.Always());
            default -> new Call.Get(key);
          };
      Response response;
      if (call instanceof Call.Put put
          && (put.condition() instanceof Condition.Always
              || there != null
                  && put.condition().equals(new Condition.RevisionIs(there.revision())))) {
        revision++;
        long version = there == null ? 1 : there.version() + 1;
        store.put(key, new Response.Found(put.value(), revision, version));
        response = new Response.Written(revision);
      } else if (call instanceof Call.Put) {
        response = new Response.Refused(there == null ? 0 : there.revision());
      } else if (there == null) {
        response = new Response.Missing();
      } else if (call instanceof Call.Delete) {
        store.remove(key);
        response = new Response.Deleted(++revision);
      } else {
        response = there;
      }
      boolean lost = !(call instanceof Call.Get) && random.nextInt(20) == 0;
      run.add(
          lost
              ? Operation.unknown("c" + i, call, invoked)
              : Operation.answered("c" + i, call, response, invoked, at + random.nextInt(40)));
    }
    return run;
  }

  /** Makes the last read that found something find what was never written. */
  private static List<Operation<Call, Response>> forgeOneRead(List<Operation<Call, Response>> run) {
    List<Operation<Call, Response>> forged = new ArrayList<>(run);
    for (int i = run.size() - 1; i >= 0; i--) {
      Operation<Call, Response> operation = run.get(i);
      if (operation.response() instanceof Response.Found found) {
        Response other = new Response.Found("no such", found.revision(), found.version());
        forged.set(
            i,
            Operation.answered(
                operation.client(),
                operation.call(),
                other,
                operation.invokedAt(),
                operation.returnedAt()));
        return forged;
      }
    }
    throw new AssertionError("the run has no read that found something");
  }

  private static Call get() {
    return new Call.Get("k");
  }

  private static Call put(String value, Condition condition) {
    return new Call.Put("k", value, condition);
  }

  private void answered(Call call, Response response) {
    history.add(Operation.answered("c", call, response, clock, clock + 1));
    clock += 2;
  }

  private void lost(Call call) {
    history.add(Operation.unknown("c", call, clock));
    clock += 2;
  }

  private Verdict verdict() {
    return Linearizability.checkEach(new VersionedModel(), history, Call::key);
  }
}
