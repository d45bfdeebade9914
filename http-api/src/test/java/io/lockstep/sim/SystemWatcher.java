package io.lockstep.sim;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.Topic;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.sim.Chance;
import io.lockstep.raft.sim.SimCluster;
import io.lockstep.raft.sim.SimNode;
import io.lockstep.raft.sim.Simulation;
import io.lockstep.raft.sim.check.WatchCompleteness;
import io.lockstep.raft.sim.check.WatchCompleteness.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A client that watches, over whichever node: its stream breaks now and then, or its node does, and
 * it goes on elsewhere after the last revision that it heard. Now and then it reads nothing for a
 * while. What it reads are the lines that production's hub writes for it.
 */
final class SystemWatcher implements WatchConnection.Client {
  private static final long MILLI = 1_000_000;
  private static final long TURN_NANOS = 15 * MILLI;
  private static final long PARKED_NANOS = 300 * MILLI;
  private static final String PROPERTY = "watches are complete and in order";
  private static final ObjectMapper JSON = new ObjectMapper();

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
  private long readsFrom;
  private @Nullable WatchConnection stream;

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
          default -> new Selection.Prefix(Topic.LOCK, Bytes.utf8("lock"));
        };
    this.matches = wanted(selection);
    // Often in the future: then it must wait.
    begin(chance.between(1, 40));
  }

  private static Predicate<String> wanted(Selection selection) {
    return switch (selection) {
      case Selection.KeyPrefix(Bytes prefix) -> text -> text.startsWith("key " + prefix.utf8());
      case Selection.Prefix(Topic topic, Bytes prefix) ->
          text -> text.startsWith(topic.name().toLowerCase(Locale.ROOT) + " " + prefix.utf8());
      case Selection.OneKey key -> throw new IllegalArgumentException("watches a prefix");
      case Selection.KeysIn keys -> throw new IllegalArgumentException("watches a prefix");
      case Selection.One one -> throw new IllegalArgumentException("watches a prefix");
    };
  }

  /** What an event says, by which truth and what was seen are compared. */
  static String text(Event event) {
    return switch (event) {
      case Event.OfKey key -> {
        var current = key.current();
        String now = current == null ? "" : current.value().utf8() + " " + current.meta().version();
        yield "key " + key.key().utf8() + " " + lower(key.change().name()) + " " + now;
      }
      case Event.OfLock lock -> {
        String change = lower(lock.change().name());
        yield "lock "
            + lock.name().utf8()
            + " "
            + change
            + " "
            + lock.token()
            + " "
            + lock.queueLength();
      }
      case Event.OfNumber number ->
          lower(number.kind().name()) + " " + number.name().utf8() + " " + number.value();
      case Event.OfMember member ->
          "member " + member.member() + " " + lower(member.change().name()) + " " + member.role();
      case Event.OfElection election ->
          "election " + election.name().utf8() + " " + lower(election.change().name());
      case Event.OfSemaphore semaphore ->
          "semaphore " + semaphore.name().utf8() + " " + lower(semaphore.change().name());
      case Event.OfLease lease -> "lease " + lease.lease() + " " + lease.end();
    };
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static Frame frame(JsonNode line) {
    List<String> texts = new ArrayList<>();
    for (JsonNode event : line.required("events")) {
      texts.add(text(event));
    }
    return new Frame(line.required("revision").longValue(), texts);
  }

  private static String text(JsonNode event) {
    String type = event.required("type").textValue();
    if (event.has("lock")) {
      return "lock "
          + event.get("lock").textValue()
          + " "
          + type
          + " "
          + event.path("token").asLong(0)
          + " "
          + event.required("queue_length").longValue();
    }
    String now =
        event.has("value")
            ? event.get("value").textValue() + " " + event.required("version").longValue()
            : "";
    return "key " + event.required("key").textValue() + " " + type + " " + now;
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
    WatchConnection open = stream;
    // Once all is well a stream is as good as any: it must bring what there is by itself.
    boolean whim = chance.oneIn(40) && !workload.cluster().isHealed();
    if (open == null || open.isOver() || !isCallable(open.node()) || whim) {
      open();
    }
    if (chance.oneIn(10)) {
      readsFrom = simulation.now() + chance.delay(PARKED_NANOS);
    }
    simulation.after(chance.delay(TURN_NANOS), this::turn);
  }

  /** A client that watches at a node which left, and hears nothing new, goes elsewhere. */
  private boolean isCallable(int node) {
    SimCluster<Applied> cluster = workload.cluster();
    return cluster.callable().contains(cluster.node(node));
  }

  private void open() {
    WatchConnection before = stream;
    if (before != null) {
      before.leave();
    }
    stream = null;
    List<SimNode<Applied>> choice = workload.cluster().callable();
    int node = choice.get(chance.below(choice.size())).index();
    if (workload.cluster().node(node).service() instanceof SystemService service) {
      long after = SystemBug.resumeAfter(bug, complete);
      simulation.trace().note(simulation.now(), node, "watch", number, after);
      WatchConnection opened = new WatchConnection(workload, chance, node, service, this);
      stream = opened;
      opened.open(selection, after);
    }
  }

  @Override
  public long readsFrom() {
    return readsFrom;
  }

  @Override
  public void ended(WatchConnection by) {
    if (by == stream) {
      stream = null;
    }
  }

  @Override
  public void heard(WatchConnection by, String text) {
    if (by != stream) {
      return;
    }
    JsonNode line;
    try {
      line = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("no JSON: " + text, e);
    }
    String event = line.required("event").textValue();
    switch (event) {
      case "change" -> changed(by, frame(line));
      case "progress", "goodbye" -> marked(by, line.required("revision").longValue());
      case "gap" -> lost(by, line.required("oldest_revision").longValue());
      default -> workload.cluster().fail(PROPERTY, "not asked for: " + text);
    }
  }

  private void changed(WatchConnection by, Frame frame) {
    simulation.trace().note(simulation.now(), by.node(), "change", number, frame.revision());
    if (frame.revision() <= complete) {
      workload.cluster().fail(PROPERTY, frame + " after all up to " + complete + " was there");
    }
    frames.add(frame);
    complete = frame.revision();
  }

  private void marked(WatchConnection by, long told) {
    long revision = by.mark(bug, told);
    complete = Math.max(complete, revision);
  }

  private void lost(WatchConnection by, long oldest) {
    simulation.trace().note(simulation.now(), by.node(), "gap", number, oldest);
    if (oldest <= complete + 1) {
      workload.cluster().fail(PROPERTY, "a gap at " + oldest + " misses nothing");
    }
    ended.add(soFar());
    begin(oldest);
    by.leave();
    stream = null;
  }
}
