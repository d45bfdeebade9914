package io.lockstep.raft.script;

import io.lockstep.raft.Effect;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Input;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.SnapshotOptions;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.CoreFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Several cores over a network that loses, delays, repeats and reorders, with crashes, pauses, slow
 * disks and cut links, all from one seed; and what must hold all the time.
 */
final class RandomCluster {
  private static final long MILLI = 1_000_000;
  private static final RaftOptions OPTIONS =
      new RaftOptions(20, 100, 200, 400, 4, 1_000, 2_000, 1_500, 40, 300)
          .withSnapshots(new SnapshotOptions(50, 10_000, 16, 2, 200, 50));

  private final Random random;
  private final Random rot;
  private final List<Host> hosts = new ArrayList<>();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final long[] pausedUntil;
  private final long[] slowest;
  private final boolean[][] cut;
  private final boolean lossy;
  private final boolean rots;
  private final int operations;
  private long now;
  private long order;
  private boolean healed;

  private final TreeMap<Long, NodeId> leaders = new TreeMap<>();
  private final List<Entry> agreed = new ArrayList<>();
  private final TreeMap<Long, Long> open = new TreeMap<>();
  private final TreeMap<Long, Bytes> proposed = new TreeMap<>();
  private final TreeMap<Long, Long> promised = new TreeMap<>();
  private final TreeSet<Long> never = new TreeSet<>();
  private final TreeSet<Long> applied = new TreeSet<>();
  private final TreeMap<Long, Integer> owners = new TreeMap<>();
  private final TreeSet<Long> closed = new TreeSet<>();
  private long highestAcknowledged;
  private long tickets;
  private int committed;
  private int served;
  private int compactions;
  private int installed;
  private int rotted;

  private record Event(long at, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  RandomCluster(long seed, int size, int operations, CoreFactory factory) {
    this.random = new Random(seed);
    this.rot = new Random(~seed);
    this.operations = operations;
    this.rots = size > 2 && rot.nextInt(3) == 0;
    this.lossy = random.nextInt(4) > 0;
    this.pausedUntil = new long[size];
    this.slowest = random.longs(size, MILLI, 60 * MILLI).toArray();
    this.cut = new boolean[size][size];
    List<NodeId> ids = IntStream.range(0, size).mapToObj(i -> new NodeId("n" + i)).toList();
    for (NodeId id : ids) {
      hosts.add(new Host(id, new Membership(ids), OPTIONS, factory, random.nextLong()));
    }
  }

  int committed() {
    return committed;
  }

  int served() {
    return served;
  }

  int compactions() {
    return compactions;
  }

  /** How often a disk lost what was on it. */
  int rotted() {
    return rotted;
  }

  int installed() {
    return installed;
  }

  /** Runs all operations among faults, then heals and demands progress. */
  void run() {
    for (int i = 0; i < hosts.size(); i++) {
      hosts.get(i).start(now);
      scheduleTick(i);
    }
    long end = operations * 5L * MILLI;
    for (int i = 0; i < operations; i++) {
      at((long) (random.nextDouble() * end), this::operate);
    }
    runUntil(end);
    heal();
    runUntil(end + 3_000 * MILLI);
    checkProgress();
  }

  private void runUntil(long end) {
    while (!events.isEmpty() && events.peek().at() <= end) {
      Event event = events.remove();
      now = event.at();
      event.action().run();
    }
    now = end;
  }

  private void at(long time, Runnable action) {
    events.add(new Event(time, order++, action));
  }

  private void after(long delay, Runnable action) {
    at(now + delay, action);
  }

  private long upTo(long nanos) {
    return 1 + (long) (random.nextDouble() * nanos);
  }

  private void scheduleTick(int i) {
    after(
        5 * MILLI,
        () -> {
          if (hosts.get(i).running()) {
            guarded(i, () -> step(i, new Input.Tick()));
          }
          scheduleTick(i);
        });
  }

  private void guarded(int i, Runnable action) {
    if (now < pausedUntil[i]) {
      at(pausedUntil[i], () -> guarded(i, action));
    } else if (hosts.get(i).running()) {
      action.run();
    }
  }

  private void operate() {
    int i = random.nextInt(hosts.size());
    int kind = random.nextInt(100);
    if (kind < 44) {
      guarded(i, () -> propose(i));
    } else if (kind < 73) {
      guarded(i, () -> read(i));
    } else if (kind < 80) {
      guarded(i, () -> takeSnapshot(i));
    } else if (kind < 83) {
      crash(i);
    } else if (kind < 84) {
      IntStream.range(0, hosts.size()).forEach(this::crash);
    } else if (kind < 87) {
      pausedUntil[i] = now + upTo(500 * MILLI);
    } else if (kind < 94) {
      cut[i][random.nextInt(hosts.size())] ^= true;
    } else if (kind < 97) {
      for (boolean[] row : cut) {
        Arrays.fill(row, false);
      }
    } else {
      NodeId to = hosts.get(random.nextInt(hosts.size())).id();
      guarded(i, () -> step(i, new Input.TransferLeadership(random.nextBoolean() ? to : null)));
    }
  }

  private void propose(int i) {
    List<Input.Proposal> batch = new ArrayList<>();
    for (int n = random.nextInt(4); n >= 0; n--) {
      long ticket = ++tickets;
      Bytes command = Bytes.utf8(ticket + ":" + "x".repeat(random.nextInt(100)));
      open.put(ticket, 0L);
      owners.put(ticket, i);
      proposed.put(ticket, command);
      batch.add(new Input.Proposal(ticket, command));
    }
    step(i, new Input.Propose(batch));
  }

  private void read(int i) {
    long ticket = ++tickets;
    open.put(ticket, highestAcknowledged);
    owners.put(ticket, i);
    step(i, new Input.Read(ticket));
  }

  private void takeSnapshot(int i) {
    Host host = hosts.get(i);
    if (!host.applied().isEmpty()) {
      host.takeSnapshot(now, random.nextInt(4) == 0).forEach(this::noteCompaction);
    }
  }

  private void noteCompaction(Effect effect) {
    compactions += effect instanceof Effect.CompactLog ? 1 : 0;
  }

  /** On a way of its own: slow, and it may break off, or the news of its arrival get lost. */
  private void send(int from, Effect.SendSnapshot send) {
    Disk.Stored snapshot = Objects.requireNonNull(hosts.get(from).disk().snapshot());
    int to = indexOf(send.to());
    boolean fails = !healed && random.nextInt(4) == 0;
    after(
        upTo(healed ? 10 * MILLI : 150 * MILLI),
        () -> {
          boolean there = hosts.get(to).running() && now >= pausedUntil[to];
          if (cut[from][to] || fails || !there) {
            sent(from, send, 0, false);
          } else {
            arrive(from, to, send, snapshot);
          }
        });
  }

  private void arrive(int from, int to, Effect.SendSnapshot send, Disk.Stored snapshot) {
    Host host = hosts.get(to);
    boolean taken = host.receiveSnapshot(now, id(from), send.term(), snapshot);
    afterStep(to);
    sent(from, send, snapshot.meta().last().index(), taken && random.nextInt(5) > 0);
  }

  private void sent(int from, Effect.SendSnapshot send, long index, boolean delivered) {
    after(
        upTo(3 * MILLI),
        () ->
            guarded(
                from,
                () ->
                    step(from, new Input.SnapshotSent(send.to(), send.term(), index, delivered))));
  }

  private void crash(int i) {
    Host host = hosts.get(i);
    if (host.running()) {
      open.keySet().removeIf(ticket -> owners.get(ticket) == i);
      int survivors = random.nextInt(host.disk().pending() + 1);
      if (random.nextBoolean()) {
        host.crash(survivors);
      } else {
        host.crashWithin(survivors);
      }
      rot(host);
      host.tailMax(random.nextBoolean() ? 3 : Integer.MAX_VALUE);
      after(
          upTo(300 * MILLI),
          () -> {
            host.start(now);
            pausedUntil[i] = 0;
          });
    }
  }

  /** While it is down its disk loses what is on it, from some entry on or altogether. */
  private void rot(Host host) {
    boolean spared = !rots || hosts.stream().anyMatch(each -> each.disk().repairing());
    if (spared || rot.nextInt(4) > 0) {
      return;
    }
    rotted++;
    if (rot.nextInt(4) == 0) {
      host.disk().loseAll();
    } else {
      host.disk().loseAfter(rot.nextInt(host.disk().entries().size() + 1));
    }
  }

  private void heal() {
    healed = true;
    for (int i = 0; i < hosts.size(); i++) {
      Arrays.fill(cut[i], false);
      pausedUntil[i] = 0;
    }
  }

  private void step(int i, Input input) {
    Host host = hosts.get(i);
    host.step(now, input);
    if (input instanceof Input.SnapshotRestored) {
      installed++;
      List<Entry> state = host.applied();
      require(state.equals(agreed.subList(0, state.size())), "a restored state is that of all");
    }
    afterStep(i);
  }

  private void afterStep(int i) {
    Host host = hosts.get(i);
    for (Effect.Send send : host.takeSent()) {
      deliver(i, send);
    }
    host.takeSending().forEach(send -> send(i, send));
    takeCompleted(host);
    check(host);
    if (host.disk().pending() > 0) {
      after(upTo(healed ? MILLI : slowest[i]), () -> guarded(i, () -> flush(i)));
    }
    after(upTo(3 * MILLI), () -> guarded(i, () -> apply(i)));
  }

  private void flush(int i) {
    Host host = hosts.get(i);
    List<Input> done =
        host.disk().flush(healed ? Integer.MAX_VALUE : random.nextInt(host.disk().pending() + 1));
    done.forEach(input -> step(i, input));
    if (host.disk().pending() > 0) {
      after(upTo(5 * MILLI), () -> guarded(i, () -> flush(i)));
    }
  }

  private void apply(int i) {
    Host host = hosts.get(i);
    int before = host.applied().size();
    if (host.applyNext(now)) {
      for (Entry entry : host.applied().subList(before, host.applied().size())) {
        agree(entry);
      }
      host.takeSent().forEach(send -> deliver(i, send));
      takeCompleted(host);
      after(upTo(MILLI), () -> guarded(i, () -> apply(i)));
    }
  }

  private void deliver(int from, Effect.Send send) {
    int to = indexOf(send.to());
    int copies =
        !lossy || healed ? 1 : random.nextInt(10) == 0 ? 2 : random.nextInt(10) == 0 ? 0 : 1;
    for (int copy = 0; copy < copies; copy++) {
      boolean late = lossy && !healed && random.nextInt(50) == 0;
      after(
          upTo(late ? 400 * MILLI : 3 * MILLI),
          () -> {
            if (!cut[from][to]) {
              guarded(to, () -> step(to, new Input.Received(id(from), send.message())));
            }
          });
    }
  }

  private int indexOf(NodeId node) {
    return IntStream.range(0, hosts.size()).filter(i -> id(i).equals(node)).findFirst().getAsInt();
  }

  private NodeId id(int i) {
    return hosts.get(i).id();
  }

  private void takeCompleted(Host host) {
    for (Effect.Complete complete : host.takeCompleted()) {
      if (complete.outcome() instanceof Outcome.ReadAt(long index)) {
        require(host.applied().size() >= index, "a read sees what it must: " + complete);
      }
      completed(complete.ticket(), complete.outcome());
    }
  }

  private void completed(long ticket, Outcome outcome) {
    Long seen = open.remove(ticket);
    require(seen != null && closed.add(ticket), "a ticket is completed once: " + ticket);
    switch (outcome) {
      case Outcome.Committed(long index) -> {
        committed++;
        highestAcknowledged = Math.max(highestAcknowledged, index);
        promised.put(index, ticket);
      }
      case Outcome.ReadAt(long index) -> {
        served++;
        require(index >= seen, "a read sees what was acknowledged before it: " + ticket);
      }
      case Outcome.NotLeader _, Outcome.Overloaded _ -> {
        never.add(ticket);
      }
      case Outcome.Unknown _ -> require(proposed.containsKey(ticket), "no read is unknown");
    }
  }

  private void check(Host host) {
    RaftStatus status = host.status();
    if (status.isLeader()) {
      NodeId other = leaders.putIfAbsent(status.term(), status.self());
      require(other == null || other.equals(status.self()), "one leader a term " + status.term());
    }
    require(status.appliedIndex() <= status.commitIndex(), "applied is committed");
    require(status.flushedIndex() <= status.lastLog().index(), "flushed is in the log");
  }

  private void agree(Entry entry) {
    if (entry.index() <= agreed.size()) {
      require(agreed.get((int) entry.index() - 1).equals(entry), "all apply the same: " + entry);
      return;
    }
    if (!agreed.isEmpty()) {
      require(
          agreed.getLast().clusterTimeMillis() <= entry.clusterTimeMillis(),
          "cluster time never decreases: " + entry);
    }
    agreed.add(entry);
    if (entry.kind() == EntryKind.COMMAND) {
      String text = entry.payload().utf8();
      long ticket = Long.parseLong(text.substring(0, text.indexOf(':')));
      require(!never.contains(ticket), "what was refused never happens: " + ticket);
      require(applied.add(ticket), "a proposal takes effect once: " + ticket);
    }
  }

  private void checkProgress() {
    long leading = hosts.stream().filter(host -> host.status().isLeader()).count();
    require(leading == 1, "one leads after the faults, not " + leading);
    for (Host host : hosts) {
      require(
          host.applied().size() == agreed.size()
              && host.status().lastLog().index() == agreed.size(),
          "all have applied all: " + host.status());
    }
    for (var promise : promised.entrySet()) {
      Bytes payload = agreed.get((int) (promise.getKey() - 1)).payload();
      require(
          payload.equals(proposed.get(promise.getValue())),
          "what was acknowledged is there: " + promise);
    }
    long before = committed;
    int leader =
        IntStream.range(0, hosts.size())
            .filter(i -> hosts.get(i).status().isLeader())
            .findFirst()
            .getAsInt();
    propose(leader);
    read(leader);
    runUntil(now + 500 * MILLI);
    require(committed > before && open.isEmpty(), "work is done after the faults: " + open);
  }

  private void require(boolean holds, String condition) {
    if (!holds) {
      throw new AssertionError(condition + " at " + now / MILLI + " ms");
    }
  }
}
