package io.lockstep.sim;

import io.lockstep.kv.result.Applied;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.WatchCursor;
import io.lockstep.kv.watch.WatchStep;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.sim.Chance;
import io.lockstep.raft.sim.SimCluster;
import io.lockstep.raft.sim.SimNode;
import io.lockstep.raft.sim.Simulation;
import io.lockstep.raft.sim.check.WatchCompleteness;
import io.lockstep.raft.sim.check.WatchCompleteness.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A client that watches, over whichever node: its stream breaks now and then, or its node does, and
 * it goes on elsewhere after the last revision that it heard. Each stream is fed by a cursor of its
 * own over what its node publishes, with a budget so small that it often falls behind.
 */
final class SystemWatcher {
  private static final long MILLI = 1_000_000;
  private static final long WIRE_NANOS = 150_000;
  private static final long TURN_NANOS = 15 * MILLI;
  private static final long PARKED_NANOS = 300 * MILLI;
  private static final String PROPERTY = "watches are complete and in order";

  private final SystemWorkload workload;
  private final Simulation simulation;
  private final Chance chance;
  private final @Nullable SystemBug bug;
  private final int number;
  private final Selection selection;
  private final Predicate<String> matches;
  private final List<WatchCompleteness.Watcher> ended = new ArrayList<>();
  private List<Frame> frames = new ArrayList<>();
  private long from;
  private long complete;
  private @Nullable Stream stream;

  /** Watches what {@code number} stands for. */
  SystemWatcher(SystemWorkload workload, int number, @Nullable SystemBug bug) {
    this.workload = workload;
    this.simulation = workload.simulation();
    this.chance = Chance.of(workload.cluster().settings().seed(), "watcher " + number);
    this.bug = bug;
    this.number = number;
    this.selection =
        switch (number % 3) {
          case 0 -> new Selection.KeyPrefix(Bytes.EMPTY);
          case 1 -> new Selection.KeyPrefix(Bytes.utf8("k" + chance.below(4)));
          default -> new Selection.LockPrefix(Bytes.utf8("lock"));
        };
    this.matches = wanted(selection);
    // Often in the future: then it must wait.
    begin(chance.between(1, 40));
  }

  private static Predicate<String> wanted(Selection selection) {
    return switch (selection) {
      case Selection.KeyPrefix(Bytes prefix) -> text -> text.startsWith("key " + prefix.utf8());
      case Selection.LockPrefix(Bytes prefix) -> text -> text.startsWith("lock " + prefix.utf8());
      case Selection.OneKey key -> throw new IllegalArgumentException("watches a prefix");
      case Selection.OneLock lock -> throw new IllegalArgumentException("watches a prefix");
      case Selection.OneLease lease -> throw new IllegalArgumentException("watches a prefix");
      case Selection.AllLeases leases -> throw new IllegalArgumentException("watches a prefix");
    };
  }

  /** What an event says, by which truth and what was seen are compared. */
  static String text(Event event) {
    return switch (event) {
      case Event.OfKey key -> "key " + key.key().utf8() + " " + key.change() + " " + key.digest();
      case Event.OfLock lock ->
          "lock " + lock.name().utf8() + " " + lock.change() + " " + lock.digest();
      case Event.OfLease lease -> "lease " + lease.lease() + " " + lease.end();
    };
  }

  private static Frame frame(WatchStep.Frame frame) {
    return new Frame(frame.revision(), frame.events().stream().map(SystemWatcher::text).toList());
  }

  private void begin(long revision) {
    from = revision;
    complete = revision - 1;
    frames = new ArrayList<>();
  }

  void start() {
    simulation.after(chance.delay(TURN_NANOS), this::turn);
  }

  /** The revision up to which it has seen all. */
  long complete() {
    return complete;
  }

  /** Throws a violation unless it saw what it should have. */
  void check(WatchCompleteness truth) {
    ended.forEach(truth::check);
    truth.check(soFar());
  }

  private WatchCompleteness.Watcher soFar() {
    return new WatchCompleteness.Watcher("w" + number, from, matches, frames, complete);
  }

  private void turn() {
    Stream open = stream;
    boolean lost = open == null || open.service.isOver() || !isCallable(open.node);
    if (lost || chance.oneIn(40)) {
      open();
    } else {
      open.ask();
    }
    // Now and then it takes nothing for a while, and falls behind.
    simulation.after(chance.delay(chance.oneIn(10) ? PARKED_NANOS : TURN_NANOS), this::turn);
  }

  /** A client that watches at a node which left, and hears nothing new, goes elsewhere. */
  private boolean isCallable(int node) {
    SimCluster<Applied> cluster = workload.cluster();
    return cluster.callable().contains(cluster.node(node));
  }

  private void open() {
    List<SimNode<Applied>> choice = workload.cluster().callable();
    int node = choice.get(chance.below(choice.size())).index();
    stream = null;
    if (workload.cluster().node(node).service() instanceof SystemService service) {
      long after = SystemBug.resumeAfter(bug, complete);
      simulation.trace().note(simulation.now(), node, "watch", number, after);
      stream = new Stream(node, service, after);
    }
  }

  private void heard(Stream by, Frame frame) {
    if (by == stream) {
      simulation.trace().note(simulation.now(), by.node, "change", number, frame.revision());
      if (frame.revision() <= complete) {
        workload.cluster().fail(PROPERTY, frame + " after all up to " + complete + " was there");
      }
      frames.add(frame);
      complete = frame.revision();
    }
  }

  private void marked(Stream by, long revision) {
    if (by == stream && revision > complete) {
      complete = revision;
    }
  }

  private void lost(Stream by, long oldest) {
    if (by == stream) {
      simulation.trace().note(simulation.now(), by.node, "gap", number, oldest);
      if (oldest <= complete + 1) {
        workload.cluster().fail(PROPERTY, "a gap at " + oldest + " misses nothing");
      }
      ended.add(soFar());
      begin(oldest);
      stream = null;
    }
  }

  /** One connection: what is sent arrives in order, or not at all. */
  private final class Stream {
    private final int node;
    private final SystemService service;
    private final WatchCursor cursor;
    private long arrives;

    Stream(int node, SystemService service, long after) {
      this.node = node;
      this.service = service;
      this.cursor = new WatchCursor(selection, after);
    }

    /** The socket has room again. */
    void ask() {
      simulation.after(chance.delay(WIRE_NANOS), () -> service.onThread(coordinator -> serve()));
    }

    private void serve() {
      if (stream != this) {
        return;
      }
      switch (cursor.next(service.view().events(), chance.between(1, 1_500))) {
        case WatchStep.Gap(long oldest) -> send(() -> lost(this, oldest));
        case WatchStep.Changes changes -> {
          changes.frames().forEach(frame -> send(() -> heard(this, frame(frame))));
          if (!changes.more() || chance.oneIn(4)) {
            long head = service.view().revision();
            long mark = SystemBug.mark(bug, cursor.position(), head);
            send(() -> marked(this, mark));
          }
        }
      }
    }

    private void send(Runnable arrival) {
      arrives = Math.max(arrives + 1, simulation.now() + chance.delay(WIRE_NANOS));
      simulation.at(arrives, arrival);
    }
  }
}
