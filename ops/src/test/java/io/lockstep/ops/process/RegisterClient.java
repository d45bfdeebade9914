package io.lockstep.ops.process;

import io.lockstep.raft.sim.check.Operation;
import io.lockstep.raft.sim.check.VersionedModel.Call;
import io.lockstep.raft.sim.check.VersionedModel.Condition;
import io.lockstep.raft.sim.check.VersionedModel.Response;
import io.lockstep.raft.sim.check.Violation;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A client that reads, writes, compares and deletes a few keys, which it shares with others, and
 * remembers each call with its times. Values are distinct; after so many calls on a key comes the
 * next key, which keeps histories short enough to be decided.
 */
final class RegisterClient implements Runnable {
  private static final int KEYS = 4;
  private static final int CALLS_ON_A_KEY = 120;

  private final Asking asking;
  private final String name;
  private final String prefix;
  private final AtomicLong calls;
  private final Map<String, Long> revisions = new TreeMap<>();
  private long number;

  /**
   * Makes a client.
   *
   * @param calls of all clients together so far
   */
  RegisterClient(Asking asking, String name, String prefix, AtomicLong calls) {
    this.asking = asking;
    this.name = name;
    this.prefix = prefix;
    this.calls = calls;
  }

  @Override
  public void run() {
    try {
      while (!asking.isStopped()) {
        call();
        asking.pause(asking.random.nextInt(20));
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void call() {
    long generation = calls.getAndIncrement() / ((long) CALLS_ON_A_KEY * KEYS);
    String key = prefix + asking.random.nextInt(KEYS) + "." + generation;
    int dice = asking.random.nextInt(16);
    if (dice < 6) {
      get(key);
    } else if (dice < 14) {
      Condition condition = dice < 10 ? new Condition.Always() : expected(key);
      mutate(new Call.Put(key, name + "-" + ++number, condition));
    } else {
      boolean blind = dice == 14 || expected(key) instanceof Condition.Absent;
      mutate(new Call.Delete(key, blind ? new Condition.Always() : expected(key)));
    }
  }

  /** What the client saw last, which may be true no more. */
  private Condition expected(String key) {
    long revision = revisions.getOrDefault(key, 0L);
    return revision == 0 ? new Condition.Absent() : new Condition.RevisionIs(revision);
  }

  void get(String key) {
    long invoked = System.nanoTime();
    Http.Answer answer = asking.send("GET", "/v1/kv/" + key, "");
    long returned = System.nanoTime();
    Response response =
        switch (answer.status()) {
          case 200 ->
              new Response.Found(
                  answer.text("value"), answer.number("mod_revision"), answer.number("version"));
          case 404 -> new Response.Missing();
          default -> null;
        };
    if (response != null) {
      remember(key, response);
      asking.history.add(Operation.answered(name, new Call.Get(key), response, invoked, returned));
    } else {
      demandOutcome(answer);
    }
  }

  private void mutate(Call call) {
    String path = "/v1/kv/" + call.key();
    long invoked = System.nanoTime();
    Http.Answer answer =
        switch (call) {
          case Call.Put put -> asking.send("PUT", path, put.value(), headers(put.condition()));
          case Call.Delete delete -> asking.send("DELETE", path, "", headers(delete.condition()));
          case Call.Get get -> throw new IllegalArgumentException("no mutation: " + get);
        };
    long returned = System.nanoTime();
    Response response = response(call, answer);
    if (response != null) {
      remember(call.key(), response);
      asking.history.add(Operation.answered(name, call, response, invoked, returned));
    } else if (!Asking.nothingHappened(answer)) {
      demandOutcome(answer);
      asking.history.add(Operation.unknown(name, call, invoked));
    }
  }

  private static String[] headers(Condition condition) {
    return switch (condition) {
      case Condition.Always always -> new String[0];
      case Condition.Absent absent -> new String[] {"If-None-Match", "*"};
      case Condition.Present present -> new String[] {"If-Match", "*"};
      case Condition.RevisionIs is -> new String[] {"If-Match", "\"" + is.revision() + "\""};
    };
  }

  private static @Nullable Response response(Call call, Http.Answer answer) {
    boolean put = call instanceof Call.Put;
    return switch (answer.status()) {
      case 200, 201 ->
          put
              ? new Response.Written(answer.number("mod_revision"))
              : new Response.Deleted(answer.number("revision"));
      case 404 -> put ? null : new Response.Missing();
      case 412 -> new Response.Refused(Math.max(0, answer.number("mod_revision")));
      default -> null;
    };
  }

  private void remember(String key, Response response) {
    switch (response) {
      case Response.Written written -> revisions.put(key, written.revision());
      case Response.Found found -> revisions.put(key, found.revision());
      case Response.Deleted deleted -> revisions.remove(key);
      case Response.Missing missing -> revisions.remove(key);
      case Response.Refused refused -> revisions.put(key, refused.current());
    }
  }

  /** An error says what became of the request. */
  private void demandOutcome(Http.Answer answer) {
    if (answer.status() != 0 && answer.text("outcome").isEmpty() || answer.status() == 500) {
      asking.history.report(
          new Violation("an error says what became of the request", answer.toString()));
    }
  }
}
