package io.lockstep.raft.node;

import io.lockstep.raft.Effect;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Input;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftCore;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.RecoveredLog;
import io.lockstep.raft.StateAgreement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A core without protocol: it notes its inputs, ticks aside, and answers as the test says. */
final class ScriptedCore extends RaftCore {
  final List<Input> inputs = new ArrayList<>();
  final HardState recoveredState;
  final RecoveredLog recoveredLog;
  RoleName role = RoleName.FOLLOWER;
  long term = 1;

  List<String> ticks = new ArrayList<>();

  /** Ticks get nothing. */
  Function<Input, List<Effect>> script = input -> List.of();

  private final NodeId self;
  private final List<String> trace;

  ScriptedCore(
      NodeId self, HardState hardState, RecoveredLog log, long nowNanos, List<String> trace) {
    super(self, new Membership(List.of(self)), RaftOptions.LAN, hardState, log, 1, 1, nowNanos);
    this.self = self;
    this.recoveredState = hardState;
    this.recoveredLog = log;
    this.trace = trace;
  }

  @Override
  public List<Effect> step(long nowNanos, Input input) {
    if (input instanceof Input.Tick) {
      ticks.add("Tick");
      return List.of();
    }
    inputs.add(input);
    trace.add(input.getClass().getSimpleName());
    return script.apply(input);
  }

  @Override
  public RaftStatus status() {
    return new RaftStatus(
        self,
        role,
        term,
        role == RoleName.LEADER ? self : null,
        1,
        EntryId.NONE,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        RaftStatus.NEVER,
        0,
        new Membership(List.of(self)),
        false,
        StateAgreement.UNCOMPARED);
  }

  /** The inputs of one kind, in order. */
  <I extends Input> List<I> inputs(Class<I> kind) {
    return inputs.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
