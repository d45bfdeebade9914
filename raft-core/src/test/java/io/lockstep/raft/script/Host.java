package io.lockstep.raft.script;

import io.lockstep.raft.Effect;
import io.lockstep.raft.Entry;
import io.lockstep.raft.Input;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.RaftCore;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.RecoveredLog;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.node.CoreFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One core and what surrounds it: a {@link Disk}, a state machine that keeps what it applied, and
 * the lists of what was sent and completed. Nothing happens by itself.
 */
public final class Host {
  private final NodeId id;
  private final Membership membership;
  private final RaftOptions options;
  private final CoreFactory factory;
  private final long seed;
  private final Disk disk = new Disk();

  private final List<Effect.Send> sent = new ArrayList<>();
  private final List<Effect.Complete> completed = new ArrayList<>();
  private final List<Effect.ChangeAnswered> changes = new ArrayList<>();
  private final List<Effect.SendSnapshot> sending = new ArrayList<>();
  private final List<List<Entry>> handedOn = new ArrayList<>();
  private final List<Entry> applied = new ArrayList<>();
  private @Nullable RaftCore core;
  private long starts;
  private boolean restoring;
  private int tailMax = Integer.MAX_VALUE;
  private long nextDueMillis = Long.MAX_VALUE;

  public Host(
      NodeId id, Membership membership, RaftOptions options, CoreFactory factory, long seed) {
    this.id = id;
    this.membership = membership;
    this.options = options;
    this.factory = factory;
    this.seed = seed;
  }

  public NodeId id() {
    return id;
  }

  public Membership membership() {
    return membership;
  }

  public Disk disk() {
    return disk;
  }

  public boolean running() {
    return core != null;
  }

  public void start(long nowNanos) {
    starts++;
    Disk.Stored snapshot = disk.snapshot();
    if (snapshot != null) {
      applied.addAll(snapshot.state());
    }
    core =
        factory.create(
            id,
            membership,
            options,
            disk.hardState(),
            disk.recovered(tailMax),
            starts,
            seed + starts,
            nowNanos);
  }

  /** Power goes; see {@link Disk#crash}. */
  public void crash(int survivors) {
    disk.crash(survivors);
    forget();
  }

  /** The same; see {@link Disk#crashWithin}. */
  public void crashWithin(int survivors) {
    disk.crashWithin(survivors);
    forget();
  }

  private void forget() {
    core = null;
    restoring = false;
    sent.clear();
    sending.clear();
    handedOn.clear();
    applied.clear();
  }

  /** From the next start on the core is given at most so many entries of its log. */
  public void tailMax(int entries) {
    tailMax = entries;
  }

  /** What the state machine reports as due from now on. */
  public void nextDue(long clusterMillis) {
    nextDueMillis = clusterMillis;
  }

  /** One step of the core; returns its effects, which were carried out or queued. */
  public List<Effect> step(long nowNanos, Input input) {
    RaftCore running = core;
    if (running == null) {
      throw new AssertionError(id + " is down");
    }
    if (input instanceof Input.SnapshotRestored) {
      restoreState(nowNanos);
    }
    List<Effect> effects = running.step(nowNanos, input);
    for (Effect effect : effects) {
      switch (effect) {
        case Effect.SaveHardState _,
            Effect.TruncateLog _,
            Effect.AppendLog _,
            Effect.ReadLog _,
            Effect.CompactLog _,
            Effect.EndRepair _ ->
            disk.add(effect);
        case Effect.RestoreSnapshot _ -> {
          restoring = true;
          disk.add(effect);
        }
        case Effect.SendSnapshot send -> sending.add(send);
        case Effect.Send send -> sent.add(send);
        case Effect.Apply apply -> handedOn.add(apply.entries());
        case Effect.MembershipChanged _, Effect.StateDiverged _ -> {}
        case Effect.ChangeAnswered answered -> changes.add(answered);
        case Effect.Complete complete -> completed.add(complete);
      }
    }
    return effects;
  }

  /** What was applied before is finished; then the state is that of the snapshot. */
  private void restoreState(long nowNanos) {
    applyAll(nowNanos);
    Disk.Stored snapshot = Objects.requireNonNull(disk.snapshot());
    applied.clear();
    applied.addAll(snapshot.state());
    restoring = false;
  }

  /** Takes a snapshot of what is applied; it is durable at once. */
  public List<Effect> takeSnapshot(long nowNanos, boolean tight) {
    Entry last = applied.getLast();
    List<Entry> changes = RecoveredLog.membershipsOf(applied);
    Membership now =
        changes.isEmpty() ? membership : MembershipCodec.decode(changes.getLast().payload());
    SnapshotMeta meta = new SnapshotMeta(last.id(), last.clusterTimeMillis(), now);
    disk.save(new Disk.Stored(meta, applied()));
    return step(nowNanos, new Input.SnapshotStored(meta, tight));
  }

  /** A snapshot from another node came in whole; false if it is refused. */
  public boolean receiveSnapshot(long nowNanos, NodeId from, long term, Disk.Stored snapshot) {
    if (restoring) {
      return false;
    }
    disk.receive(snapshot);
    step(nowNanos, new Input.SnapshotReceived(from, term, snapshot.meta()));
    return true;
  }

  /** The wishes to send a snapshot since the last call. */
  public List<Effect.SendSnapshot> takeSending() {
    List<Effect.SendSnapshot> taken = List.copyOf(sending);
    sending.clear();
    return taken;
  }

  public List<Effect> receive(long nowNanos, NodeId from, Message message) {
    return step(nowNanos, new Input.Received(from, message));
  }

  /** Flushes and applies until nothing is left to do. */
  public void settle(long nowNanos) {
    while (disk.pending() > 0 || !handedOn.isEmpty()) {
      for (Input done : disk.flushAll()) {
        step(nowNanos, done);
      }
      applyAll(nowNanos);
    }
  }

  /** Applies what was handed on, batch by batch. */
  public void applyAll(long nowNanos) {
    while (applyNext(nowNanos)) {}
  }

  /** Applies one batch; false if there is none. */
  public boolean applyNext(long nowNanos) {
    if (handedOn.isEmpty()) {
      return false;
    }
    for (Entry entry : handedOn.removeFirst()) {
      long expected = applied.size() + 1L;
      if (entry.index() != expected) {
        throw new AssertionError(id + " applies " + entry + " instead of index " + expected);
      }
      applied.add(entry);
    }
    step(nowNanos, new Input.Applied(applied.size(), nextDueMillis));
    return true;
  }

  /** What was sent since the last call. */
  public List<Effect.Send> takeSent() {
    List<Effect.Send> taken = List.copyOf(sent);
    sent.clear();
    return taken;
  }

  /** What became of membership changes since the last call. */
  public List<Effect.ChangeAnswered> takeChanges() {
    List<Effect.ChangeAnswered> taken = List.copyOf(changes);
    changes.clear();
    return taken;
  }

  /** What was completed since the last call. */
  public List<Effect.Complete> takeCompleted() {
    List<Effect.Complete> taken = List.copyOf(completed);
    completed.clear();
    return taken;
  }

  /** The one outcome of {@code ticket} since the last {@link #takeCompleted}; null for none. */
  public @Nullable Outcome outcome(long ticket) {
    @Nullable Outcome found = null;
    for (Effect.Complete complete : completed) {
      if (complete.ticket() == ticket) {
        if (found != null) {
          throw new AssertionError("completed twice: " + ticket);
        }
        found = complete.outcome();
      }
    }
    return found;
  }

  public List<Entry> applied() {
    return List.copyOf(applied);
  }

  public RaftStatus status() {
    RaftCore running = core;
    if (running == null) {
      throw new AssertionError(id + " is down");
    }
    return running.status();
  }
}
