package io.lockstep.sim;

import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.CoordinatorOptions;
import io.lockstep.http.service.CoordinatorParts;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.kv.KvStateMachine;
import io.lockstep.kv.KvView;
import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.result.Applied;
import io.lockstep.raft.Entry;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.ChangeCompletion;
import io.lockstep.raft.node.Loop;
import io.lockstep.raft.node.NodeClock;
import io.lockstep.raft.node.RaftNode;
import io.lockstep.raft.sim.Chance;
import io.lockstep.raft.sim.Fault;
import io.lockstep.raft.sim.RunSettings;
import io.lockstep.raft.sim.SimNode;
import io.lockstep.raft.sim.SimService;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.StateHash;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One life of a node above the log: the real state machine and the real coordinator. */
final class SystemService implements SimService<Applied> {
  private static final long QUOTA_BYTES = 256 << 20;
  private static final long PROGRESS_MILLIS = 300;
  private static final CoordinatorOptions SMALL =
      new CoordinatorOptions(512, 64 << 20, 32_768, 10_000, 20, 1_000, 50, 10_000, 500, 1_000, 250);
  private static final long CHANGE_NANOS = 3_000_000_000L;

  private final SimNode<Applied> node;
  private final Witness witness;
  private final Chance nonces;
  private final KvStateMachine machine;
  private final Rules rules;
  private final @Nullable SystemBug bug;
  private final CoordinatorOptions options;
  private int publishes;
  private @Nullable WatchHub hub;
  private @Nullable Coordinator coordinator;
  private @Nullable Loop loop;
  private boolean ended;

  SystemService(
      SimNode<Applied> node, @Nullable SystemBug bug, RunSettings settings, Witness witness) {
    long seed = settings.seed();
    this.bug = bug;
    rules = SystemBug.rules(bug);
    options = settings.plan().has(Fault.OVERLOAD) ? SMALL : CoordinatorOptions.DEFAULT;
    this.node = node;
    this.witness = witness;
    nonces = Chance.of(seed, node.id() + "/nonces/" + node.lives());
    machine = new KvStateMachine(this::published, rules);
  }

  private void published() {
    if (coordinator != null && SystemBug.tells(bug, ++publishes)) {
      coordinator.published();
    }
  }

  /** Each entry is witnessed before it is applied. */
  @Override
  public StateMachine<Applied> stateMachine() {
    return new StateMachine<>() {
      @Override
      public Applied apply(Entry entry) {
        Applied applied = machine.apply(entry);
        witness.applied(node.id(), entry, applied);
        return SystemBug.told(bug, applied);
      }

      @Override
      public long nextDueMillis() {
        return machine.nextDueMillis();
      }

      @Override
      public void publish() {
        machine.publish();
      }

      @Override
      public StateSnapshot snapshot() {
        return machine.snapshot();
      }

      @Override
      public StateHash hash() {
        return machine.hash();
      }

      @Override
      public void restore(ChunkSource chunks) throws IOException {
        machine.restore(chunks);
        if (rules instanceof AfterRestore planted) {
          planted.restored();
        }
      }
    };
  }

  @Override
  public void start(RaftNode<Applied> raft) {
    Loop service = Objects.requireNonNull(node.serviceLoop());
    loop = service;
    coordinator =
        new Coordinator(
            new CoordinatorParts(
                node.id(),
                node.lives(),
                SystemBug.handle(bug, raft),
                machine::view,
                Objects.requireNonNull(node.transport()),
                service,
                node.clock(),
                nonces::nextLong,
                () -> node.clock().nanoTime() / 1_000_000,
                QUOTA_BYTES,
                List::of,
                () -> null,
                SystemBug.idRules(bug)),
            options);
    coordinator.start();
    hub =
        new WatchHub(
            new SimWatchLoop(service, node.clock(), bug),
            PROGRESS_MILLIS,
            coordinator,
            new AtomicInteger());
  }

  /** Through whichever node, as by HTTP. */
  @Override
  public void changeMembership(
      RaftNode<Applied> raft, MembershipChange change, ChangeCompletion completion) {
    onThread(
        known -> {
          long deadline = known.clock().nanoTime() + CHANGE_NANOS;
          known.changeMembership(change, deadline, completion);
        });
  }

  @Override
  public void onService(NodeId from, Bytes payload) {
    if (coordinator != null) {
      coordinator.onService(from, payload);
    }
  }

  @Override
  public void onDisconnected(NodeId peer) {
    if (coordinator != null) {
      coordinator.onDisconnected(peer);
    }
  }

  @Override
  public void ended() {
    ended = true;
  }

  /** Whether this life is over: nobody hears what it says. */
  boolean isOver() {
    return ended;
  }

  /** The true time at which this node's clock showed so much less than now. */
  long trueTimeBefore(long ageNanos) {
    return Math.max(0, node.clock().trueTimeOf(node.clock().nanoTime() - ageNanos));
  }

  /** The watches of this node. */
  WatchHub hub() {
    return Objects.requireNonNull(hub);
  }

  NodeClock clock() {
    return node.clock();
  }

  KvView view() {
    return machine.view();
  }

  /**
   * A task on one of the node's threads, with its coordinator; never run in a life that is over.
   */
  void onThread(Consumer<Coordinator> task) {
    if (loop != null && coordinator != null) {
      Coordinator asked = coordinator;
      loop.execute(() -> task.accept(asked));
    }
  }
}
