package io.lockstep.sim;

import io.lockstep.http.service.Answer;
import io.lockstep.http.service.AnswerSink;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.LocalState;
import io.lockstep.http.service.ReadSink;
import io.lockstep.http.service.Refusal;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.sim.Chance;
import io.lockstep.raft.sim.SimNode;
import io.lockstep.raft.sim.Simulation;
import io.lockstep.raft.sim.check.VersionedModel.Call;
import io.lockstep.raft.sim.check.VersionedModel.Condition;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The wires between one client and the nodes. A request takes a while to arrive, an answer to come
 * back; answers get lost; a node that is down answers nothing, and then the outcome is unknown.
 */
final class Calls {
  private static final long MILLI = 1_000_000;
  private static final long WIRE_NANOS = 150_000;

  private final SystemWorkload workload;
  private final Simulation simulation;
  private final Chance chance;
  private final int client;
  private int node;

  Calls(SystemWorkload workload, int client) {
    this(workload, client, workload.chance());
  }

  /** Whose delays and losses are drawn from a stream of its own. */
  Calls(SystemWorkload workload, int client, Chance chance) {
    this.workload = workload;
    this.simulation = workload.simulation();
    this.chance = chance;
    this.client = client;
    otherNode();
  }

  /** The node of the next call: mostly that of the last. */
  void chooseNode() {
    SimNode<Applied> chosen = workload.cluster().node(node);
    boolean down = !(chosen.service() instanceof SystemService);
    boolean left = !workload.cluster().callable().contains(chosen);
    if (down || left || chance.oneIn(6)) {
      otherNode();
    }
  }

  void otherNode() {
    List<SimNode<Applied>> choice = workload.cluster().callable();
    node = choice.get(chance.below(choice.size())).index();
  }

  /** The life of a node that the next call goes to. */
  Server server() {
    var chosen = workload.cluster().node(node);
    return new Server(chosen.id(), chosen.lives());
  }

  /** One write of a crowd, which nobody repeats. */
  void write(SimNode<Applied> at, String value) {
    String key = "f/" + chance.below(16);
    Mutation mutation =
        new Mutation(
            principal(),
            new Call.Put(key, value, new Condition.Always()),
            value,
            false,
            simulation.now());
    workload.history().add(mutation);
    mutation.attempts++;
    node = at.index();
    submit(
        null,
        SystemClient.put(
            key, value, new LeaseBinding.Detach(), new KeyCondition.Always(), List.of()),
        answer -> {
          switch (answer) {
            case Answer.Done done ->
                mutation.answered(SystemClient.written(done), simulation.now());
            case Answer.NotApplied refused -> mutation.refused();
            case Answer.Unknown unknown -> {}
            case Answer.WaitPassed passed -> workload.cluster().fail("an answer fits", value);
          }
        });
  }

  void submit(@Nullable RequestKey key, Command command, Consumer<Answer> then) {
    Request request = new Request(principal(), key, command);
    long patience = chance.between(500, 2_500) * MILLI;
    note(command);
    ask(
        patience,
        (coordinator, sink) ->
            coordinator.submit(request, coordinator.clock().nanoTime() + patience, sink),
        then);
  }

  private String principal() {
    return "c" + client;
  }

  private void note(Command command) {
    simulation
        .trace()
        .note(simulation.now(), node, "call " + command.getClass().getSimpleName(), client, 0);
  }

  void acquire(@Nullable RequestKey key, Command.LockAcquire acquire, Consumer<Answer> then) {
    Request request = new Request(principal(), key, acquire);
    long patience = (chance.between(500, 1_500) + acquire.waitMillis()) * MILLI;
    boolean leaves = chance.oneIn(12);
    note(acquire);
    ask(
        patience,
        (coordinator, sink) -> {
          long deadline = coordinator.clock().nanoTime() + patience;
          var wait = coordinator.acquire(request, acquire, deadline, sink);
          if (leaves) {
            // The connection of the client breaks while it waits.
            simulation.after(chance.delay(200 * MILLI), () -> onNode(coordinator, wait::cancel));
          }
        },
        then);
  }

  /** Polls a ticket. */
  void poll(LockName name, TicketId ticket, long waitMillis, Consumer<Answer> then) {
    long patience = (chance.between(500, 1_500) + waitMillis) * MILLI;
    boolean leaves = chance.oneIn(12);
    simulation.trace().note(simulation.now(), node, "call poll", client, ticket.index());
    ask(
        patience,
        (coordinator, sink) -> {
          long deadline = coordinator.clock().nanoTime() + patience;
          var wait = coordinator.poll(name, ticket, null, waitMillis, deadline, sink);
          if (leaves) {
            simulation.after(chance.delay(100 * MILLI), () -> onNode(coordinator, wait::cancel));
          }
        },
        then);
  }

  /** Waits until a latch is open; {@code then} hears once whether it is. */
  void awaitLatch(Bytes latch, long patience, Consumer<Boolean> then) {
    boolean[] taken = new boolean[1];
    Consumer<Boolean> once =
        open -> {
          if (!taken[0]) {
            taken[0] = true;
            simulation.trace().note(simulation.now(), node, "latch", client, open ? 1 : 0);
            then.accept(open);
          }
        };
    simulation.after(patience + 500 * MILLI, () -> once.accept(false));
    if (workload.cluster().node(node).service() instanceof SystemService service) {
      simulation.after(
          chance.delay(WIRE_NANOS),
          () ->
              service.onThread(
                  known ->
                      known.awaitLatch(
                          latch,
                          known.clock().nanoTime() + patience,
                          new LatchSink(service, once))));
    }
  }

  /** Brings what a node says of a latch to the client. */
  private final class LatchSink implements ReadSink {
    private final SystemService service;
    private final Consumer<Boolean> then;

    LatchSink(SystemService service, Consumer<Boolean> then) {
      this.service = service;
      this.then = then;
    }

    @Override
    public void current() {
      tell(true);
    }

    @Override
    public void refused(Refusal refusal) {
      tell(false);
    }

    private void tell(boolean open) {
      if (!service.isOver()) {
        simulation.after(chance.delay(WIRE_NANOS), () -> then.accept(open));
      }
    }
  }

  /** Runs {@code task} on the node of {@code coordinator}, if that life of it still runs. */
  private void onNode(Coordinator coordinator, Runnable task) {
    for (var each : workload.cluster().nodes()) {
      if (each.service() instanceof SystemService service) {
        service.onThread(
            known -> {
              if (known == coordinator) {
                task.run();
              }
            });
      }
    }
  }

  /** The way of one call; {@code then} hears exactly one answer. */
  private void ask(long patience, BiConsumer<Coordinator, AnswerSink> call, Consumer<Answer> then) {
    Once once = new Once(then);
    int asked = node;
    if (!(workload.cluster().node(asked).service() instanceof SystemService service)) {
      Answer refused = new Answer.NotApplied(Refusal.NO_LEADER);
      simulation.after(chance.delay(WIRE_NANOS), () -> once.take(asked, refused));
      return;
    }
    simulation.after(patience + 1_500 * MILLI, () -> once.take(asked, new Answer.Unknown()));
    boolean[] answered = new boolean[1];
    AnswerSink sink =
        answer -> {
          if (service.isOver()) {
            return;
          }
          if (answered[0]) {
            workload.cluster().fail("a request is answered once", "client " + client);
          }
          answered[0] = true;
          if (!chance.oneIn(40)) {
            simulation.after(chance.delay(WIRE_NANOS), () -> once.take(asked, answer));
          }
        };
    simulation.after(
        chance.delay(WIRE_NANOS),
        () -> service.onThread(coordinator -> call.accept(coordinator, sink)));
  }

  /** Lets one answer through. */
  private final class Once {
    private final Consumer<Answer> then;
    private boolean taken;

    Once(Consumer<Answer> then) {
      this.then = then;
    }

    void take(int asked, Answer answer) {
      if (!taken) {
        taken = true;
        long index = answer instanceof Answer.Done done ? done.applied().index() : 0;
        simulation
            .trace()
            .note(
                simulation.now(), asked, answer.getClass().getSimpleName(), client, index, answer);
        then.accept(answer);
      }
    }
  }

  /** A linearizable read. */
  <T> void read(Function<KvView, @Nullable T> what, SystemClient.Found<T> then) {
    int asked = node;
    boolean[] taken = new boolean[1];
    SystemClient.Found<T> once =
        (confirmed, found) -> {
          if (!taken[0]) {
            taken[0] = true;
            long revision = found instanceof KeyRecord record ? record.meta().modRevision() : 0;
            String note = confirmed ? "read" : "no read";
            simulation.trace().note(simulation.now(), asked, note, client, revision);
            then.found(confirmed, found);
          }
        };
    long patience = chance.between(300, 2_000) * MILLI;
    simulation.after(patience + 500 * MILLI, () -> once.found(false, null));
    if (workload.cluster().node(asked).service() instanceof SystemService service) {
      simulation.after(
          chance.delay(WIRE_NANOS),
          () -> service.onThread(known -> read(known, service, patience, what, once)));
    }
  }

  private <T> void read(
      Coordinator coordinator,
      SystemService service,
      long patience,
      Function<KvView, @Nullable T> what,
      SystemClient.Found<T> then) {
    coordinator.read(
        coordinator.clock().nanoTime() + patience,
        new ReadSink() {
          @Override
          public void current() {
            T found = what.apply(coordinator.view());
            if (!service.isOver()) {
              simulation.after(chance.delay(WIRE_NANOS), () -> then.found(true, found));
            }
          }

          @Override
          public void refused(Refusal refusal) {
            if (!service.isOver()) {
              simulation.after(chance.delay(WIRE_NANOS), () -> then.found(false, null));
            }
          }
        });
  }

  /** A read of one node's own state, if it was current within the last {@code staleMillis}. */
  void readNearby(
      long staleMillis, Function<KvView, @Nullable KeyRecord> what, SystemClient.FoundNearby then) {
    int asked = node;
    boolean[] taken = new boolean[1];
    SystemClient.FoundNearby once =
        (currentAt, found) -> {
          if (!taken[0]) {
            taken[0] = true;
            simulation.trace().note(simulation.now(), asked, "nearby", client, currentAt);
            then.found(currentAt, found);
          }
        };
    simulation.after(500 * MILLI, () -> once.found(-1, null));
    if (workload.cluster().node(asked).service() instanceof SystemService service) {
      simulation.after(
          chance.delay(WIRE_NANOS),
          () ->
              service.onThread(
                  coordinator -> {
                    LocalState state = coordinator.local();
                    boolean fresh = state.within(staleMillis);
                    long age = SystemBug.age(workload.bug(), state.ageNanos());
                    long at = fresh ? service.trueTimeBefore(age) : -1;
                    KeyRecord found = fresh ? what.apply(state.view()) : null;
                    if (!service.isOver()) {
                      simulation.after(chance.delay(WIRE_NANOS), () -> once.found(at, found));
                    }
                  }));
    }
  }
}
