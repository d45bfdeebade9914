package io.lockstep.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.model.Model;
import io.lockstep.kv.model.ModelComparison;
import io.lockstep.kv.random.CommandGenerator;
import io.lockstep.kv.random.MemberGenerator;
import io.lockstep.kv.random.Profile;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.snapshot.Chunks;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.Topic;
import io.lockstep.kv.watch.WatchCursor;
import io.lockstep.kv.watch.WatchStep;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;

/**
 * One random run of the state machine beside the slow model and a second replica, which now and
 * then starts anew from a snapshot of the first, or of itself. Any difference throws.
 */
final class RandomRun {
  private static final int ENTRIES = 2_000;

  final SplittableRandom random;
  final CommandGenerator generator;
  final SortedMap<String, Integer> answers;
  final Model model = new Model();
  final KvStateMachine machine;
  KvStateMachine replica;
  final MemberGenerator members;
  final List<Entry> log = new ArrayList<>();
  final List<Watcher> watchers = new ArrayList<>();
  int topics;
  String last = "";
  long index;
  long now;

  RandomRun(long seed, Profile profile, Rules rules, SortedMap<String, Integer> answers) {
    machine = new KvStateMachine(() -> {}, rules);
    replica = new KvStateMachine(() -> {}, rules);
    random = new SplittableRandom(~seed);
    generator = new CommandGenerator(seed, profile);
    this.answers = answers;
    members = new MemberGenerator(new SplittableRandom(seed));
  }

  void play() {
    while (index < ENTRIES) {
      index++;
      now += generator.pauseMillis();
      step(entry());
    }
    machine.publish();
    new ModelComparison(model, machine.view()).events(0);
    KvStateMachine again = new KvStateMachine(() -> {});
    log.forEach(again::apply);
    again.publish();
    assertEquals(machine.view().stateHash(), again.view().stateHash(), "replay from index 1");
    RandomRestore.check(machine, random.nextBoolean() ? 0 : random.nextLong(1L << 50), generator);
  }

  private Entry entry() {
    int kind = random.nextInt(50);
    if (kind == 0) {
      last = "nothing";
      return new Entry(index, 1, now, EntryKind.EMPTY, Bytes.EMPTY);
    }
    if (kind == 2) {
      Membership membership = members.membership();
      last = membership.toString();
      return new Entry(index, 1, now, EntryKind.MEMBERSHIP, MembershipCodec.encode(membership));
    }
    Request request =
        kind == 3 ? new Request("lockstep", null, members.announcement()) : generator.next();
    last = request.toString();
    byte[] payload = RequestCodec.encode(request).toArray();
    if (kind == 1) {
      payload[random.nextInt(1, payload.length)] ^= (byte) (1 << random.nextInt(8));
      last = "damaged " + request;
    }
    return new Entry(index, 1, now, EntryKind.COMMAND, Bytes.wrap(payload));
  }

  private void step(Entry entry) {
    log.add(entry);
    long before = model.revision();
    Applied expected = model.apply(entry);
    Applied applied = machine.apply(entry);
    assertEquals(expected, applied, "answer");
    generator.learn(applied);
    count(applied.result());
    assertEquals(expected, replica.apply(entry), "the replica's answer");
    assertEquals(machine.nextDueMillis(), replica.nextDueMillis());
    if (random.nextInt(4) == 0) {
      machine.publish();
      new ModelComparison(model, machine.view()).figures();
      new ModelComparison(model, machine.view()).events(before);
      watch();
    }
    if (entry.index() % 100 == 0) {
      compareAll();
    }
    if (random.nextInt(150) == 0) {
      restart();
    }
  }

  /** Counts an answer, and those within it. */
  private void count(Result result) {
    answers.merge(result.getClass().getSimpleName(), 1, Integer::sum);
    if (result instanceof Result.TxnDone done) {
      done.results().forEach(this::count);
    } else if (result instanceof Failure.OperationRefused refused) {
      count(refused.cause());
    } else if (result instanceof Result.Renewed renewed) {
      for (RenewalResult one : renewed.results()) {
        if (one instanceof RenewalResult.Refused refused) {
          count(refused.failure());
        } else if (one instanceof RenewalResult.Polled polled) {
          answers.merge("Polled" + polled.state().getClass().getSimpleName(), 1, Integer::sum);
        }
      }
    } else if (result instanceof Result.LockGranted granted && !granted.also().isEmpty()
        || result instanceof Result.LockQueued queued && !queued.also().isEmpty()) {
      answers.merge("Together" + result.getClass().getSimpleName(), 1, Integer::sum);
    } else if (result instanceof Failure.TxnTooLarge large) {
      answers.merge(large.bound().name(), 1, Integer::sum);
    }
  }

  /** The replica starts anew, from what both write byte for byte alike. */
  private void restart() {
    List<Bytes> chunks = Chunks.of(machine);
    assertEquals(chunks, Chunks.of(replica), "snapshots of two replicas");
    replica = Chunks.restored(chunks);
    assertEquals(chunks, Chunks.of(replica), "the snapshot of what was restored");
    compareAll();
    ModelComparison comparison = new ModelComparison(model, replica.view());
    comparison.present();
    comparison.past(random, 3);
    comparison.events(0);
  }

  private void watch() {
    if (watchers.size() < 8) {
      long from = random.nextLong(0, machine.view().revision() + 10);
      watchers.add(new Watcher(selection(), from));
    }
    Watcher watcher = watchers.get(random.nextInt(watchers.size()));
    replica.publish();
    KvView view = random.nextBoolean() ? machine.view() : replica.view();
    watcher.watch(model, view, random.nextLong(1, 600));
    watchers.removeIf(gone -> gone.gone || random.nextInt(200) == 0);
  }

  private Selection selection() {
    return switch (random.nextInt(10)) {
      case 0 -> new Selection.OneKey(Bytes.utf8("a/0"));
      case 1 -> new Selection.KeyPrefix(Bytes.utf8("a/"));
      case 2 -> new Selection.KeyPrefix(Bytes.EMPTY);
      case 3, 4 -> new Selection.One(nextTopic(), Bytes.utf8("lock-1"));
      case 5, 6 -> new Selection.Prefix(nextTopic(), Bytes.utf8("lock-"));
      default -> new Selection.Prefix(nextTopic(), Bytes.EMPTY);
    };
  }

  /** Each in turn. */
  private Topic nextTopic() {
    Topic[] all = Topic.values();
    return all[topics++ % all.length];
  }

  private void compareAll() {
    machine.publish();
    replica.publish();
    ModelComparison comparison = new ModelComparison(model, machine.view());
    comparison.present();
    comparison.past(random, 3);
    assertEquals(machine.view().stateHash(), replica.view().stateHash(), "replicas");
  }

  /** A watch that is resumed at whatever revision it had reached, by a new cursor each time. */
  private static final class Watcher {
    final Selection selection;
    long position;
    boolean gone;

    Watcher(Selection selection, long from) {
      this.selection = selection;
      position = from;
    }

    void watch(Model model, KvView view, long bytesMax) {
      WatchCursor cursor = new WatchCursor(selection, position);
      switch (cursor.next(view.events(), bytesMax)) {
        case WatchStep.Gap(long oldest) -> {
          assertEquals(model.history.compacted + 1, oldest, "oldest revision");
          assertTrue(position < model.history.compacted, "a gap is told only when there is one");
          gone = true;
        }
        case WatchStep.Changes(List<WatchStep.Frame> frames, long through, boolean more) -> {
          assertTrue(position >= model.history.compacted, "a gap is told");
          assertEquals(expected(model, through), frames, "frames");
          assertEquals(more, through < view.revision());
          position = through;
        }
      }
    }

    private List<WatchStep.Frame> expected(Model model, long through) {
      List<WatchStep.Frame> frames = new ArrayList<>();
      for (long revision = position + 1; revision <= through; revision++) {
        List<Event> events =
            model.history.at(revision).events().stream().filter(selection::selects).toList();
        if (!events.isEmpty()) {
          frames.add(new WatchStep.Frame(revision, events));
        }
      }
      return frames;
    }
  }
}
