package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command.ReserveIds;
import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result.IdsReserved;
import io.lockstep.kv.result.Result.IdsTaken;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Completion;
import io.lockstep.raft.node.Timing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Gives ids on the leader, out of blocks that the log has reserved for it; on the service loop.
 *
 * <h2>Why an id is greater than those of calls that ended before</h2>
 *
 * Within a block ids are given in order, and each call gets its ids after it came. They are told
 * only after a read round that began later still, and only if the state of then says that the block
 * is good: that no other node, nor any call through the log, has reserved since. So at a moment
 * within the call no greater id had been given by anybody else. A call with an idempotency key
 * takes its ids out of the block too, and the entry that stores them is that moment.
 *
 * <h2>What is lost</h2>
 *
 * What is left of a block when another node leads: never more than one block's ids. Nothing is
 * reserved before the last of a block is wanted.
 */
final class IdBlocks {
  /** Ids that one entry reserves beyond those that are asked for. */
  static final long BLOCK_IDS = 1_000;

  /** How far ahead of the clock stamps are reserved. */
  static final long AHEAD_MILLIS = 3_000;

  /**
   * Sequences whose blocks are remembered; what is left of the one used longest ago is given up.
   */
  static final int BLOCKS_MAX = 10_000;

  private static final long CONFIRM_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final CoordinatorParts parts;
  private final SharedReads reads;
  private final String principal;
  private final ConcurrentLinkedQueue<IdCall> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final LinkedHashMap<Bytes, IdBlock> blocks = new LinkedHashMap<>(16, 0.75f, true);
  private List<Given> given = new ArrayList<>();
  private long owner;

  /** What a call gets, if the block of {@code since} turns out to be good. */
  private record Given(IdCall call, IdsTaken ids, long since) {}

  IdBlocks(CoordinatorParts parts, SharedReads reads, String principal) {
    this.parts = parts;
    this.reads = reads;
    this.principal = principal;
  }

  /** Callable from any thread. */
  void take(Proposal proposal, Request request, TakeIds take) {
    proposal.queued();
    arrive(new IdCall(proposal, request, take, parts.clock().nanoTime()));
  }

  private void arrive(IdCall call) {
    arrived.add(call);
    if (scheduled.compareAndSet(false, true)) {
      parts.service().execute(this::serve);
    }
  }

  private void serve() {
    scheduled.set(false);
    for (IdCall call = arrived.poll(); call != null; call = arrived.poll()) {
      if (parts.raft().status().isLeader()) {
        Bytes name = call.take().name();
        IdBlock block = blocks.computeIfAbsent(name, key -> new IdBlock());
        block.waiting().add(call);
        serve(name, block);
      } else {
        giveBack(call, new Outcome.NotLeader(null));
      }
    }
    confirm();
    forgetMany();
  }

  /** Gives to those who wait what there is, in their order, and has more reserved if need be. */
  private void serve(Bytes name, IdBlock block) {
    long wallMillis = WallClock.millis(parts.wallMillis());
    long stampMin = wallMillis << Sequence.STAMP_COUNT_BITS;
    while (!block.reserving && !block.waiting().isEmpty()) {
      IdCall call = block.waiting().peek();
      if (block.has(call.take(), stampMin)) {
        block.waiting().remove();
        give(call, block.give(call.take(), stampMin), block.since());
      } else {
        reserve(name, block, stampMin);
      }
    }
  }

  private void give(IdCall call, IdsTaken ids, long since) {
    if (call.request().key() == null) {
      given.add(new Given(call, ids, since));
    } else if (call.proposal().begin()) {
      TakeIds take = call.take();
      TakeIds stored =
          new TakeIds(
              take.name(), take.count(), take.stamped(), since, ids.first(), ids.stampFirst());
      Request request = new Request(call.request().principal(), call.request().key(), stored);
      parts.raft().propose(RequestCodec.encode(request), call.proposal());
    }
  }

  private void reserve(Bytes name, IdBlock block, long stampMin) {
    block.reserving = true;
    if (owner == 0) {
      owner = parts.nonces().getAsLong() | 1;
    }
    long lacking = block.lacking();
    long stampsWanted = block.stampsWanted(stampMin);
    long ahead = AHEAD_MILLIS << Sequence.STAMP_COUNT_BITS;
    ReserveIds reserve =
        new ReserveIds(
            name,
            lacking == 0 ? 0 : lacking + BLOCK_IDS,
            owner,
            stampsWanted == 0 ? 0 : stampsWanted + ahead);
    Request request = new Request(principal, null, reserve);
    parts
        .raft()
        .propose(
            RequestCodec.encode(request),
            new Completion<>() {
              @Override
              public void applied(long index, Applied result, Timing timing) {
                parts.service().execute(() -> reserved(name, block, result, timing));
              }

              @Override
              public void failed(Outcome outcome) {
                parts.service().execute(() -> notReserved(block, outcome));
              }
            });
  }

  private void reserved(Bytes name, IdBlock block, Applied applied, Timing timing) {
    block.reserving = false;
    if (applied.result() instanceof IdsReserved reserved) {
      block.add(reserved);
      serve(name, block);
      confirm();
      return;
    }
    for (IdCall call = block.waiting().poll(); call != null; call = block.waiting().poll()) {
      if (call.proposal().begin()) {
        call.proposal().applied(applied.index(), applied, timing);
      }
    }
  }

  private static void notReserved(IdBlock block, Outcome outcome) {
    block.reserving = false;
    // Whatever became of the entry: these calls have no ids, and may be tried again.
    Outcome ofCalls = outcome instanceof Outcome.Overloaded ? outcome : new Outcome.NotLeader(null);
    for (IdCall call = block.waiting().poll(); call != null; call = block.waiting().poll()) {
      giveBack(call, ofCalls);
    }
  }

  /** Has all that was given since the last round confirmed by one that begins now. */
  private void confirm() {
    if (given.isEmpty()) {
      return;
    }
    List<Given> mine = given;
    given = new ArrayList<>();
    long began = parts.clock().nanoTime();
    parts
        .idRules()
        .confirm(
            sink -> reads.read(began + CONFIRM_NANOS, sink),
            new ReadSink() {
              @Override
              public void current() {
                confirmed(mine, began);
              }

              @Override
              public void refused(Refusal refusal) {
                Outcome outcome =
                    refusal == Refusal.OVERLOADED
                        ? new Outcome.Overloaded()
                        : new Outcome.NotLeader(null);
                mine.forEach(one -> giveBack(one.call(), outcome));
              }
            });
  }

  /** On any thread: the published state is as new as everything before the round. */
  private void confirmed(List<Given> confirmed, long beganNanos) {
    KvView view = parts.views().get();
    long round = Math.max(0, parts.clock().nanoTime() - beganNanos);
    boolean leads = parts.raft().status().isLeader();
    for (Given one : confirmed) {
      IdCall call = one.call();
      if (!leads) {
        giveBack(call, new Outcome.NotLeader(null));
      } else if (!parts.idRules().stillGood(view.sequence(call.take().name()), one.since())) {
        parts.service().execute(() -> outdated(call, one.since()));
      } else if (call.proposal().begin()) {
        long queue = Math.max(0, beganNanos - call.sinceNanos());
        call.proposal()
            .applied(
                view.appliedIndex(),
                new Applied(view.appliedIndex(), view.revision(), false, one.ids()),
                new Timing(queue, Timing.NOT_FORCED, round, 0));
      }
    }
  }

  private void outdated(IdCall call, long since) {
    IdBlock block = blocks.get(call.take().name());
    if (block != null) {
      block.outdated(since);
    }
    arrive(call);
  }

  private static void giveBack(IdCall call, Outcome outcome) {
    if (call.proposal().begin()) {
      call.proposal().failed(outcome);
    }
  }

  private void forgetMany() {
    var eldest = blocks.entrySet().iterator();
    while (blocks.size() > BLOCKS_MAX && eldest.hasNext()) {
      Map.Entry<Bytes, IdBlock> entry = eldest.next();
      if (!entry.getValue().reserving && entry.getValue().waiting().isEmpty()) {
        eldest.remove();
      }
    }
  }
}
