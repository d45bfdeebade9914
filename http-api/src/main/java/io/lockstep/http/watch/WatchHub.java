package io.lockstep.http.watch;

import io.lockstep.http.server.Exchange;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.LocalState;
import io.lockstep.kv.KvView;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.EventLog;
import io.lockstep.kv.watch.Selection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The watches of one loop. A publish wakes the loop once; it looks for those concerned by what is
 * new, and serves them in turn, so much at a time. The others move with the hub's own position and
 * are not touched.
 */
public final class WatchHub {
  private static final int TURN_BYTES = 128 << 10;
  private static final long RETRY_MILLIS_MIN = 500;
  private static final long RETRY_MILLIS_SPREAD = 1_000;

  private final WatchLoop loop;
  private final long quietNanos;
  private final Coordinator coordinator;
  private final WatchIndex index = new WatchIndex();
  private final FrameMemory frames = new FrameMemory();
  private final Set<Watcher> watchers = new LinkedHashSet<>();
  private final ArrayDeque<Watcher> ready = new ArrayDeque<>();
  private final AtomicInteger count;
  private final AtomicBoolean woken = new AtomicBoolean();
  private final Runnable published = this::published;
  private long position;
  private volatile boolean watched;

  /**
   * The hub of {@code loop}.
   *
   * @param progressMillis after how long a reader that hears nothing is told how far it is complete
   * @param count counts the watches of all loops
   */
  public WatchHub(
      WatchLoop loop, long progressMillis, Coordinator coordinator, AtomicInteger count) {
    this.loop = loop;
    this.quietNanos = TimeUnit.MILLISECONDS.toNanos(progressMillis);
    this.coordinator = coordinator;
    this.count = count;
    coordinator.onPublish(published);
    loop.attach(this::turn, this::sweep, this::goodbye);
  }

  /** Opens a watch for {@code exchange} on what comes after revision {@code after}. */
  public void open(
      Exchange exchange,
      WatchForm form,
      Selection selection,
      long after,
      @Nullable WatchState state) {
    open(new ExchangeOutlet(exchange), form, selection, after, state);
  }

  /** Opens a watch that feeds {@code outlet} with what comes after revision {@code after}. */
  public void open(
      WatchOutlet outlet,
      WatchForm form,
      Selection selection,
      long after,
      @Nullable WatchState state) {
    WatchStream stream = new WatchStream(this, outlet, form, selection, after, state, null);
    stream.start(enter(stream));
  }

  /**
   * Opens several watches on the stream that answers {@code exchange}.
   *
   * @param revision of the state at which those begin that name no revision themselves
   */
  public void open(Exchange exchange, WatchForm form, long revision, List<NamedWatch> asked) {
    WatchGroup group = new WatchGroup(new ExchangeOutlet(exchange), form);
    List<WatchStream> streams = new ArrayList<>();
    long from = Long.MAX_VALUE;
    for (NamedWatch one : asked) {
      from = Math.min(from, one.state() == null ? one.after() : -1);
      streams.add(
          new WatchStream(
              this,
              group.part(),
              form.of(one.name()),
              one.selection(),
              one.after(),
              one.state(),
              group));
    }
    group.begin(revision, from);
    streams.forEach(stream -> stream.start(enter(stream)));
  }

  /** How long who is sent away should wait: not all the same time, nor all at once. */
  long retryMillis() {
    return RETRY_MILLIS_MIN + Math.floorMod(coordinator.nonce(), RETRY_MILLIS_SPREAD);
  }

  /** Opens a watch that tells {@code sink} what comes after revision {@code after}. */
  public RevisionWatch watch(Selection selection, long after, RevisionSink sink) {
    RevisionWatch watch = new RevisionWatch(this, selection, after, sink);
    enter(watch);
    watch.start();
    return watch;
  }

  /**
   * Waits on behalf of {@code exchange} for a change after revision {@code after}.
   *
   * @param waitMillis how long at most; 0 for a look at what there is
   */
  public void poll(
      Exchange exchange, Selection selection, long after, long waitMillis, LongPoll.Ending ending) {
    LongPoll poll = new LongPoll(this, exchange, selection, after, ending);
    enter(poll);
    poll.start(waitMillis);
  }

  private KvView enter(Watcher watcher) {
    KvView view = coordinator.view();
    if (watchers.isEmpty()) {
      position = view.revision();
    }
    watchers.add(watcher);
    index.add(watcher);
    count.incrementAndGet();
    watched = true;
    return view;
  }

  FrameMemory frames() {
    return frames;
  }

  /** Up to where nothing concerns those that are idle. */
  long position() {
    return position;
  }

  /** The state of this node and its age. */
  LocalState local() {
    return coordinator.local();
  }

  /** The watcher wants to be served. */
  void ready(Watcher watcher) {
    ready.add(watcher);
    wake();
  }

  void remove(Watcher watcher) {
    if (watchers.remove(watcher)) {
      index.remove(watcher);
      count.decrementAndGet();
      watched = !watchers.isEmpty();
    }
  }

  private void published() {
    if (watched) {
      wake();
    }
  }

  private void wake() {
    if (!woken.get() && woken.compareAndSet(false, true)) {
      loop.wake();
    }
  }

  private void turn() {
    woken.set(false);
    if (!coordinator.serves()) {
      List.copyOf(watchers).forEach(Watcher::diverged);
      return;
    }
    KvView view = coordinator.view();
    findConcerned(view);
    int budget = TURN_BYTES;
    // Only those that were ready before this turn: one that is ready again waits for the next.
    for (int i = ready.size(); i > 0 && budget > 0; i--) {
      budget -= ready.remove().serve(view);
    }
    if (ready.isEmpty()) {
      frames.clear();
    } else {
      wake();
    }
  }

  private void findConcerned(KvView view) {
    long head = view.revision();
    if (position < view.compactedRevision()) {
      List.copyOf(watchers).forEach(Watcher::lookYourself);
      position = head;
      return;
    }
    EventLog events = view.events();
    long before = position;
    Consumer<Watcher> concerned = watcher -> watcher.concerned(before);
    for (long revision = position + 1; revision <= head; revision++) {
      for (Event event : events.at(revision).events()) {
        index.visit(event, concerned);
      }
    }
    position = Math.max(position, head);
  }

  private void sweep(long nowNanos) {
    if (!coordinator.serves()) {
      if (watched) {
        wake();
      }
      return;
    }
    for (Watcher watcher : List.copyOf(watchers)) {
      watcher.sweep(nowNanos, position, quietNanos);
    }
  }

  private void goodbye() {
    coordinator.offPublish(published);
    List.copyOf(watchers).forEach(watcher -> watcher.goodbye(position));
  }
}
