package io.lockstep.sim;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.watch.WatchForm;
import io.lockstep.http.watch.WatchOutlet;
import io.lockstep.kv.watch.Selection;
import io.lockstep.raft.sim.Chance;
import io.lockstep.raft.sim.Simulation;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The stream of one watch, from a node's hub to a client: what is written arrives in order, a while
 * later, and much later when the client reads slowly. While too much is under way it is full.
 */
final class WatchConnection implements WatchOutlet {
  private static final long WIRE_NANOS = 150_000;

  private final Simulation simulation;
  private final Chance chance;
  private final SystemService service;
  private final Client client;
  private final int room;
  private final JsonText scratch = new JsonText(512);
  private final int node;
  private final StringBuilder line = new StringBuilder();
  private final boolean losesWhenFull;
  private Runnable whenDrained = () -> {};
  private Runnable whenGone = () -> {};
  private boolean left;
  private boolean full;
  private int underWay;
  private long arrives;

  /** Who reads it. */
  interface Client {
    /** A frame has arrived. */
    void heard(WatchConnection by, String frame);

    /** The node has ended the stream. */
    void ended(WatchConnection by);

    /** The moment from which it reads again: now, unless it stands still. */
    long readsFrom();
  }

  /**
   * Makes a connection to {@code node}.
   *
   * @param client who reads
   */
  WatchConnection(
      SystemWorkload workload, Chance chance, int node, SystemService service, Client client) {
    this.simulation = workload.simulation();
    this.chance = chance;
    this.node = node;
    this.service = service;
    this.client = client;
    this.room = (int) chance.between(1, 4_000);
    this.losesWhenFull = workload.bug() == SystemBug.FULL_STREAM_LOSES_FRAMES;
  }

  int node() {
    return node;
  }

  /** The revision that a progress mark says, or with a bug planted what it should not. */
  long mark(@Nullable SystemBug bug, long told) {
    return SystemBug.mark(bug, told, service.view().revision());
  }

  boolean isOver() {
    return left || service.isOver();
  }

  /** Asks for what comes after {@code revision}. */
  void open(Selection selection, long revision) {
    simulation.after(
        chance.delay(WIRE_NANOS),
        () ->
            service.onThread(
                coordinator -> {
                  if (!left) {
                    service.hub().open(this, WatchForm.LINES, selection, revision, null);
                  }
                }));
  }

  /** The client goes away; the node notices later. */
  void leave() {
    if (!left) {
      left = true;
      simulation.after(
          chance.delay(20 * WIRE_NANOS), () -> service.onThread(known -> whenGone.run()));
    }
  }

  @Override
  public void attach(Runnable drained, Runnable gone) {
    whenDrained = drained;
    whenGone = gone;
  }

  @Override
  public void begin(WatchForm form, long revision) {}

  @Override
  public boolean full() {
    full |= underWay >= room;
    return full && !losesWhenFull || left;
  }

  @Override
  public JsonText json() {
    return scratch.clear();
  }

  @Override
  public void write(JsonText text) {
    write(Arrays.copyOf(text.array(), text.size()));
  }

  @Override
  public void write(byte[] bytes) {
    if (losesWhenFull && underWay >= room) {
      return;
    }
    underWay += bytes.length;
    String frame = new String(bytes, StandardCharsets.UTF_8);
    arrive(
        () -> {
          heard(frame);
          taken(bytes.length);
        });
  }

  /** A long line comes in several parts. */
  private void heard(String part) {
    line.append(part);
    for (int end = line.indexOf("\n"); end >= 0; end = line.indexOf("\n")) {
      String whole = line.substring(0, end);
      line.delete(0, end + 1);
      client.heard(this, whole);
    }
  }

  @Override
  public void end() {
    arrive(() -> client.ended(this));
  }

  @Override
  public void cut() {
    end();
  }

  private void arrive(Runnable arrival) {
    long soonest = Math.max(client.readsFrom(), simulation.now() + chance.delay(WIRE_NANOS));
    arrives = Math.max(arrives + 1, soonest);
    simulation.at(arrives, arrival);
  }

  private void taken(int bytes) {
    underWay -= bytes;
    if (full && underWay <= room / 2) {
      full = false;
      simulation.after(chance.delay(WIRE_NANOS), () -> service.onThread(known -> drained()));
    }
  }

  private void drained() {
    if (!left) {
      whenDrained.run();
    }
  }

  @Override
  public long nanoTime() {
    return service.clock().nanoTime();
  }
}
