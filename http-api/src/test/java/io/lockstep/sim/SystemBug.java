package io.lockstep.sim;

import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.random.PlantedRules;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.sim.PlantedBug;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Mistakes above the log, made on purpose. */
enum SystemBug implements PlantedBug {
  LEASE_DUE_EARLY(9, "a lease runs for its whole time"),
  GRANT_NOT_VALIDATED(3, "a grant goes to a lease that runs"),
  RETRY_EXECUTED(1, "exactly once|a retry gets the first answer"),
  GUARD_IGNORED(2, "a guarded write needs the present token"),
  GUARD_ACCEPTS_OLDER(3, "a guarded write needs the present token"),
  /** The state machine's own check of the rule stops the node. */
  TOKEN_NOT_INCREASING(2, "no part of a node throws"),
  /** A request goes to the leader twice. */
  FORWARD_SENT_TWICE(1, "exactly once"),
  /** A watch is told that it is complete up to the head, while events before that still wait. */
  WATCH_MARK_OVERTAKES(3, "watches are complete and in order"),
  /** A watch goes on after the revision that follows the one it has seen. */
  WATCH_RESUME_SKIPS(2, "watches are complete and in order"),
  /** A watch goes on with the revision that it has seen. */
  WATCH_RESUME_REPEATS(2, "watches are complete and in order"),
  /** A node's own state is taken for the present one. */
  AGE_FORGOTTEN(31, "histories are linearizable"),
  /** A restored state has no stored answers. */
  ANSWERS_MISSING_AFTER_A_RESTORE(
      8, "apply is a function|one entry has one answer|equal state at equal index"),
  /** Leases begin anew in a restored state. */
  DEADLINES_RESET_BY_A_RESTORE(
      8, "apply is a function|one entry has one answer|equal state at equal index");

  private final long seed;
  private final String breaks;

  /** Several properties have a bar between them. */
  SystemBug(long seed, String breaks) {
    this.seed = seed;
    this.breaks = breaks;
  }

  @Override
  public long seed() {
    return seed;
  }

  @Override
  public List<String> breaks() {
    return List.of(breaks.split("\\|"));
  }

  /** The rules of one state machine, broken or not. */
  Rules rules() {
    return switch (this) {
      case LEASE_DUE_EARLY -> new PlantedRules.LeaseDueEarly();
      case GRANT_NOT_VALIDATED -> new PlantedRules.GrantNotValidated();
      case RETRY_EXECUTED -> new PlantedRules.RetryExecuted();
      case GUARD_IGNORED -> new PlantedRules.GuardIgnored();
      case GUARD_ACCEPTS_OLDER -> new PlantedRules.GuardAcceptsOlder();
      case TOKEN_NOT_INCREASING -> new PlantedRules.TokenNotIncreasing();
      case ANSWERS_MISSING_AFTER_A_RESTORE -> new AfterRestore.AnswersMissing();
      case DEADLINES_RESET_BY_A_RESTORE -> new AfterRestore.DeadlinesReset();
      case FORWARD_SENT_TWICE,
          WATCH_MARK_OVERTAKES,
          WATCH_RESUME_SKIPS,
          WATCH_RESUME_REPEATS,
          AGE_FORGOTTEN ->
          new Rules();
    };
  }

  /** After which revision a watch goes on that has seen all up to {@code complete}. */
  static long resumeAfter(@Nullable SystemBug bug, long complete) {
    if (bug == WATCH_RESUME_SKIPS) {
      return complete + 1;
    }
    return bug == WATCH_RESUME_REPEATS ? Math.max(0, complete - 1) : complete;
  }

  /** How old a node says that its state is. */
  static long age(@Nullable SystemBug bug, long ageNanos) {
    return bug == AGE_FORGOTTEN ? 0 : ageNanos;
  }

  /** The progress mark of a cursor at {@code position} while {@code head} is published. */
  static long mark(@Nullable SystemBug bug, long position, long head) {
    return bug == WATCH_MARK_OVERTAKES ? Math.max(position, head) : position;
  }

  @Override
  public Transport transport(Transport real) {
    return this == FORWARD_SENT_TWICE ? new TwiceTransport(real) : real;
  }

  /** Sends all that services say twice: a repeated answer is ignored, a repeated request is not. */
  private record TwiceTransport(Transport real) implements Transport {
    @Override
    public void start(Receiver receiver) {
      real.start(receiver);
    }

    @Override
    public void send(NodeId to, Message message) {
      real.send(to, message);
    }

    @Override
    public boolean sendService(NodeId to, Bytes payload) {
      real.sendService(to, payload);
      return real.sendService(to, payload);
    }

    @Override
    public void sendSnapshot(NodeId to, long term, SnapshotSource snapshot, SnapshotSent done) {
      real.sendSnapshot(to, term, snapshot, done);
    }

    @Override
    public boolean connected(NodeId peer) {
      return real.connected(peer);
    }
  }
}
