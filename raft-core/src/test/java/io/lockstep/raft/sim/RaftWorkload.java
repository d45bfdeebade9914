package io.lockstep.raft.sim;

import io.lockstep.raft.Outcome;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.node.Completion;
import io.lockstep.raft.node.RaftNode;
import io.lockstep.raft.node.ReadCompletion;
import io.lockstep.raft.node.Timing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Callers that propose numbered commands and read, straight at the nodes, and what they may
 * conclude from the answers:
 *
 * <ul>
 *   <li>a command answered as applied is in every later read, at one place, for ever;
 *   <li>one answered as refused is never seen; one with unknown fate is seen at most once;
 *   <li>a read sees all that was answered, to any caller, before it was asked for;
 *   <li>what a node calls confirmed at a moment holds all that was answered before that moment.
 * </ul>
 */
final class RaftWorkload implements Workload<Long> {
  private static final int FLOOD = 200;

  /** The number of a caller that never waits for an answer. */
  private static final int CROWD = -1;

  private final SimCluster<Long> cluster;
  private final Simulation simulation;
  private final RunSettings settings;
  private final Chance chance;

  /** Short where a leader that is cut off still serves reads: callers must be free to look. */
  private final long patienceNanos;

  private final Map<Long, Long> acknowledged = new HashMap<>();
  private final Set<Long> refused = new HashSet<>();
  private final List<long[]> answeredUpTo = new ArrayList<>();
  private long lastNumber;
  private long answeredMax;
  private long writesDone;
  private long readsDone;
  private boolean stopped;

  RaftWorkload(SimCluster<Long> cluster) {
    this.cluster = cluster;
    this.simulation = cluster.simulation();
    this.settings = cluster.settings();
    this.chance = Chance.of(settings.seed(), "workload");
    boolean leases = settings.plan().has(Fault.LEASE_READS);
    this.patienceNanos = leases ? 200_000_000 : 3_000_000_000L;
    cluster.observe(this::observed);
  }

  static SimService<Long> service(SimNode<Long> node) {
    SequenceMachine machine = new SequenceMachine();
    return new SimService<>() {
      @Override
      public SequenceMachine stateMachine() {
        return machine;
      }

      @Override
      public void start(RaftNode<Long> raft) {}
    };
  }

  @Override
  public void start() {
    for (int client = 0; client < settings.clients(); client++) {
      new Client(client).pause();
    }
  }

  @Override
  public void flood(SimNode<Long> node) {
    RaftNode<Long> raft = node.raft();
    if (raft != null) {
      Client crowd = new Client(CROWD);
      crowd.node = node.index();
      for (int i = 0; i < FLOOD; i++) {
        crowd.write(raft, CROWD);
      }
    }
  }

  @Override
  public void stop() {
    stopped = true;
  }

  @Override
  public long progress() {
    return writesDone;
  }

  @Override
  public long operations() {
    return writesDone + readsDone;
  }

  private final class Client {
    private final int number;

    /** A write at a leader that is cut off keeps its caller waiting: so some only read. */
    private final boolean reader;

    private int node;
    private long call;

    Client(int number) {
      this.number = number;
      reader = settings.plan().has(Fault.LEASE_READS) && number % 2 == 1;
      node = chance.below(settings.machines());
    }

    void pause() {
      simulation.after(chance.delay(settings.clientPauseNanos()), this::next);
    }

    private void next() {
      if (stopped) {
        return;
      }
      if (chance.oneIn(reader ? 2 : 4)) {
        node = chance.below(settings.machines());
      }
      RaftNode<Long> raft = cluster.node(node).raft();
      if (raft == null) {
        node = chance.below(settings.machines());
        pause();
        return;
      }
      long current = ++call;
      // A caller whose node dies, or which waits in vain, gives up and goes on.
      simulation.after(patienceNanos, () -> giveUp(current));
      if (reader || chance.oneIn(3)) {
        read(raft, current);
      } else {
        write(raft, current);
      }
    }

    private void giveUp(long given) {
      if (given == call) {
        call++;
        pause();
      }
    }

    private void answered(long given, String what, long a, long b) {
      simulation.trace().note(simulation.now(), node, what, a, b);
      if (given == call) {
        call++;
        pause();
      }
    }

    /** The node's clock may run fast, and shows a microsecond's fraction inexactly. */
    private void checkTiming(Timing timing, long nanos) {
      long told = timing.queueNanos() + timing.replicateNanos() + timing.applyNanos();
      long most = nanos + nanos * settings.driftPpmMax() / 1_000_000 + 1_000;
      if (timing.forceNanos() > timing.replicateNanos() || told > most) {
        cluster.fail("spans are within the whole", timing + " of " + nanos);
      }
    }

    private void write(RaftNode<Long> raft, long current) {
      long command = ++lastNumber;
      int asked = node;
      int padding = chance.oneIn(8) ? chance.below(1_200) : chance.below(40);
      long begun = simulation.now();
      simulation.trace().note(begun, node, "propose", command, number);
      raft.propose(
          SequenceMachine.command(command, padding),
          new Completion<>() {
            private boolean done;

            private boolean dead() {
              if (done) {
                cluster.fail("a proposal is answered once", "number " + command);
              }
              done = true;
              return cluster.node(asked).raft() != raft;
            }

            @Override
            public void applied(long index, Long result, Timing timing) {
              if (!dead()) {
                checkTiming(timing, simulation.now() - begun);
                writeApplied(command, index, result);
                answered(current, "applied", command, index);
              }
            }

            @Override
            public void failed(Outcome outcome) {
              if (!dead()) {
                writeFailed(command, outcome);
                if (outcome instanceof Outcome.NotLeader notLeader && notLeader.leader() != null) {
                  node = cluster.network().indexOf(notLeader.leader());
                }
                answered(current, outcome.getClass().getSimpleName(), command, 0);
              }
            }
          });
    }

    private void read(RaftNode<Long> raft, long current) {
      long floor = answeredMax;
      int asked = node;
      raft.read(
          new ReadCompletion() {
            @Override
            public void current(long index) {
              if (cluster.node(asked).raft() == raft) {
                readDone(asked, floor, index);
                answered(current, "read", index, floor);
              }
            }

            @Override
            public void failed(Outcome outcome) {
              if (cluster.node(asked).raft() == raft) {
                answered(current, "no read", floor, 0);
              }
            }
          });
    }
  }

  private void writeApplied(long command, long index, long result) {
    writesDone++;
    check(result == command, "an answer is the command's own", command + " got " + result);
    acknowledged.put(command, index);
    answered(index);
  }

  private void writeFailed(long command, Outcome outcome) {
    switch (outcome) {
      case Outcome.NotLeader notLeader -> refused.add(command);
      case Outcome.Overloaded overloaded -> refused.add(command);
      case Outcome.Unknown unknown -> {}
      case Outcome.Committed c -> cluster.fail("committed is no failure", command + " " + c);
      case Outcome.ReadAt r -> cluster.fail("a proposal is not a read", command + " " + r);
    }
  }

  private void readDone(int node, long floor, long index) {
    readsDone++;
    long seen = machine(node).publishedIndex();
    check(seen >= index, "a read is served from its index", "n" + node + " " + seen + " " + index);
    check(
        seen >= floor,
        "a read sees all that was answered before it",
        "n" + (node + 1) + " serves at " + seen + ", answered was " + floor);
    answered(seen);
  }

  /** Whoever got an answer has seen the state up to {@code index}. */
  private void answered(long index) {
    if (index > answeredMax) {
      answeredMax = index;
      answeredUpTo.add(new long[] {simulation.now(), index});
    }
  }

  private void observed(SimNode<Long> node, RaftStatus status) {
    if (status.confirmedAtNanos() == RaftStatus.NEVER) {
      return;
    }
    long at = node.clock().trueTimeOf(status.confirmedAtNanos());
    long floor = 0;
    for (int i = answeredUpTo.size() - 1; i >= 0; i--) {
      if (answeredUpTo.get(i)[0] < at) {
        floor = answeredUpTo.get(i)[1];
        break;
      }
    }
    check(
        machine(node.index()).publishedIndex() >= floor,
        "what is confirmed at a moment holds all answered before it",
        node.id() + " confirmed at " + at + " serves less than " + floor);
    long passedNanos = simulation.now() - at;
    long passedMillis =
        (passedNanos + passedNanos / 1_000 * settings.driftPpmMax() / 1_000) / 1_000_000;
    long told = status.confirmedClusterTimeMillis();
    long stamp = cluster.invariants().committedMillis();
    check(
        stamp <= told + passedMillis + 1,
        "a confirmed moment bounds cluster time",
        node.id() + " was told " + told + ", " + passedMillis + " later is " + stamp);
  }

  private SequenceMachine machine(int node) {
    SimService<Long> service = cluster.node(node).service();
    return (SequenceMachine) Objects.requireNonNull(service).stateMachine();
  }

  @Override
  public boolean settled() {
    long index = -1;
    long digest = 0;
    if (!cluster.membershipSettled()) {
      return false;
    }
    for (SimNode<Long> node : cluster.members()) {
      if (!node.alive()) {
        return false;
      }
      SequenceMachine machine = machine(node.index());
      if (index >= 0 && (index != machine.publishedIndex() || digest != machine.digest())) {
        return false;
      }
      index = machine.publishedIndex();
      digest = machine.digest();
    }
    return index >= answeredMax;
  }

  @Override
  public void checkEnd() {
    for (SimNode<Long> node : cluster.members()) {
      Set<Long> seen = new HashSet<>();
      for (long number : machine(node.index()).published()) {
        check(seen.add(number), "a command takes effect once", node.id() + " has twice " + number);
        check(!refused.contains(number), "a refused command has no effect", "number " + number);
      }
      for (Map.Entry<Long, Long> write : acknowledged.entrySet()) {
        check(
            seen.contains(write.getKey()),
            "no acknowledged write is lost",
            node.id() + " misses " + write.getKey() + " of index " + write.getValue());
      }
    }
  }

  private void check(boolean holds, String property, String detail) {
    if (!holds) {
      cluster.fail(property, detail);
    }
  }
}
