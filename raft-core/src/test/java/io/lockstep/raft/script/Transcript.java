package io.lockstep.raft.script;

import io.lockstep.raft.Contact;
import io.lockstep.raft.Effect;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Input;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftCore;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Plays a script over a cluster and writes what happens. In a script, lines that begin with {@code
 * >} are commands, those with {@code #} remarks; all others are what the command above printed.
 *
 * <pre>
 *   cluster a b c          makes the nodes, not started
 *   preset a 3 1 1 2       of an earlier life: term 3, entries of terms 1, 1 and 2
 *   start a b c            starts nodes
 *   timeout a              time passes, for a alone, until it asks for votes
 *   pass 100               time passes for all, with a tick every 10 ms
 *   live 100               the same, and all that follows from it happens
 *   run                    messages, disks and state machines work until all is quiet
 *   deliver a b            the oldest message from a to b arrives
 *   lose a b               the oldest message from a to b does not
 *   repeat a b             the oldest message from a to b arrives and stays on its way
 *   cut a, join a          nothing from or to a arrives from now on, and again
 *   part a b               nothing between a and b arrives from now on; until join of one of them
 *   disk a                 what a has asked of its disk is done, but for applying
 *   propose a x y          proposes commands under the next tickets
 *   read a                 reads under the next ticket
 *   transfer a b           a hands leadership to b
 *   snapshot a             a takes a snapshot of what it has applied and compacts its log
 *   carry a b              the snapshot that a sends to b arrives, and a learns that
 *   fail a b               it does not
 *   joiner d               makes a node that is no member yet, not started
 *   add a d, observe a d   a takes d in: as a voter to come, or to stay a learner
 *   promote a d, remove a d   a makes a voter of d, lets d go
 *   lease a on, lease a off   a has reads served by the leader's lease, or no longer
 *   gone a b               a is told that b's process has ended
 *   members                one line a node: what it goes by
 *   crash a                a stops, and what is not on its disk is lost
 *   rot a 3                what a has on its disk after its third entry is lost, and marked so
 *   status                 one line a node
 *   quiet ...              any of these, without what it prints
 * </pre>
 */
final class Transcript {
  private static final long MILLI = 1_000_000;
  private static final int STEPS_MAX = 10_000;
  private static final RaftOptions OPTIONS =
      new RaftOptions(100, 500, 1_000, 400, 3, 4_000, 100_000, 100_000, 4, 1_000);

  private final TreeMap<String, Host> hosts = new TreeMap<>();
  private final List<Letter> network = new ArrayList<>();
  private final TreeSet<NodeId> cut = new TreeSet<>();
  private final List<Set<String>> parted = new ArrayList<>();
  private final StringBuilder out = new StringBuilder();
  private long nowNanos;
  private long tickets;

  private record Letter(NodeId from, NodeId to, Message message) {
    boolean between(String one, String other) {
      return from.text().equals(one) && to.text().equals(other);
    }
  }

  /** The script with what its commands print now. */
  static String play(String script) {
    Transcript transcript = new Transcript();
    for (String line : script.lines().toList()) {
      if (line.startsWith(">")) {
        transcript.out.append(line).append('\n');
        transcript.perform(Arrays.asList(line.substring(1).strip().split(" +")));
      } else if (line.startsWith("#") || line.isBlank()) {
        transcript.out.append(line).append('\n');
      }
    }
    return transcript.out.toString();
  }

  private void perform(List<String> words) {
    List<String> rest = words.subList(1, words.size());
    switch (words.getFirst()) {
      case "cluster" -> cluster(rest.stream().map(NodeId::new).toList(), rest);
      case "preset" -> preset(rest);
      case "start" -> rest.forEach(name -> host(name).start(nowNanos));
      case "timeout" -> timeout(host(rest.getFirst()));
      case "pass" -> pass(Long.parseLong(rest.getFirst()));
      case "live" -> live(Long.parseLong(rest.getFirst()));
      case "quiet" -> quiet(rest);
      case "run" -> run();
      case "deliver" -> receive(take(rest));
      case "lose" -> take(rest);
      case "repeat" -> {
        Letter letter = take(rest);
        network.addFirst(letter);
        receive(letter);
      }
      case "cut" -> rest.forEach(name -> cut.add(host(name).id()));
      case "part" -> parted.add(Set.copyOf(rest));
      case "join" -> rest.forEach(this::join);
      case "disk" -> rest.forEach(name -> disk(host(name)));
      case "propose" -> propose(host(rest.getFirst()), rest.subList(1, rest.size()));
      case "read" -> step(host(rest.getFirst()), new Input.Read(++tickets));
      case "transfer" ->
          step(host(rest.get(0)), new Input.TransferLeadership(host(rest.get(1)).id()));
      case "snapshot" -> show(host(rest.getFirst()), host -> host.takeSnapshot(nowNanos, true));
      case "carry" -> carry(host(rest.get(0)), host(rest.get(1)));
      case "fail" -> {
        Host from = host(rest.getFirst());
        step(from, sent(from, host(rest.get(1)), 0, false));
      }
      case "joiner" ->
          cluster(List.copyOf(hosts.firstEntry().getValue().membership().voters()), rest);
      case "add" ->
          change(rest, new MembershipChange.AddLearner(contact(rest.get(1)), false, null));
      case "observe" ->
          change(rest, new MembershipChange.AddLearner(contact(rest.get(1)), true, null));
      case "promote" -> change(rest, new MembershipChange.Promote(new NodeId(rest.get(1))));
      case "remove" -> change(rest, new MembershipChange.Remove(new NodeId(rest.get(1))));
      case "lease" -> change(rest, new MembershipChange.LeaseReads(rest.get(1).equals("on")));
      case "gone" -> step(host(rest.getFirst()), new Input.PeerGone(host(rest.get(1)).id()));
      case "members" -> members();
      case "rot" -> host(rest.getFirst()).disk().loseAfter(Integer.parseInt(rest.get(1)));
      case "crash" -> host(rest.getFirst()).crash(0);
      case "status" -> status();
      default -> throw new IllegalArgumentException("unknown command " + words);
    }
  }

  private void cluster(List<NodeId> voters, List<String> names) {
    for (String name : names) {
      Membership membership = new Membership(voters);
      long seed = name.charAt(0);
      hosts.put(name, new Host(new NodeId(name), membership, OPTIONS, RaftCore::new, seed));
    }
  }

  private static Contact contact(String name) {
    return new Contact(new NodeId(name), "storage-" + name, name + ":1", "");
  }

  private void change(List<String> words, MembershipChange change) {
    step(host(words.getFirst()), new Input.ChangeMembership(++tickets, change, List.of()));
  }

  private void members() {
    for (Host host : hosts.values()) {
      if (host.running()) {
        String text = host.id() + " goes by " + Show.membership(host.status().membership());
        out.append("  ").append(text).append('\n');
      }
    }
  }

  private void preset(List<String> words) {
    List<Entry> log = new ArrayList<>();
    for (String term : words.subList(2, words.size())) {
      long index = log.size() + 1L;
      log.add(
          new Entry(index, Long.parseLong(term), 0, EntryKind.COMMAND, Bytes.utf8("old" + index)));
    }
    host(words.getFirst()).disk().preset(new HardState(Long.parseLong(words.get(1)), null), log);
  }

  private Host host(String name) {
    Host host = hosts.get(name);
    if (host == null) {
      throw new IllegalArgumentException("no node " + name);
    }
    return host;
  }

  private void carry(Host from, Host to) {
    Disk.Stored snapshot = Objects.requireNonNull(from.disk().snapshot());
    long term = from.status().term();
    to.disk().receive(snapshot);
    step(to, new Input.SnapshotReceived(from.id(), term, snapshot.meta()));
    step(from, sent(from, to, snapshot.meta().last().index(), true));
  }

  private static Input sent(Host from, Host to, long index, boolean delivered) {
    return new Input.SnapshotSent(to.id(), from.status().term(), index, delivered);
  }

  private void step(Host host, Input input) {
    show(host, stepped -> stepped.step(nowNanos, input));
  }

  private void show(Host host, Function<Host, List<Effect>> stepped) {
    for (Effect effect : stepped.apply(host)) {
      out.append("  ").append(Show.effect(host.id(), effect)).append('\n');
    }
    for (Effect.Send send : host.takeSent()) {
      network.add(new Letter(host.id(), send.to(), send.message()));
    }
    host.takeCompleted();
  }

  private void timeout(Host host) {
    for (int i = 0; i < STEPS_MAX && host.status().role() == RoleName.FOLLOWER; i++) {
      nowNanos += 10 * MILLI;
      step(host, new Input.Tick());
    }
  }

  private void pass(long millis) {
    for (long passed = 0; passed < millis; passed += 10) {
      nowNanos += 10 * MILLI;
      hosts.values().stream().filter(Host::running).forEach(host -> step(host, new Input.Tick()));
    }
  }

  private void live(long millis) {
    for (long passed = 0; passed < millis; passed += 10) {
      pass(10);
      run();
    }
  }

  private void quiet(List<String> words) {
    int start = out.length();
    perform(words);
    out.setLength(start);
  }

  private void propose(Host host, List<String> commands) {
    List<Input.Proposal> proposals = new ArrayList<>();
    for (String command : commands) {
      proposals.add(new Input.Proposal(++tickets, Bytes.utf8(command)));
    }
    step(host, new Input.Propose(proposals));
  }

  private void run() {
    for (int i = 0; i < STEPS_MAX; i++) {
      if (!network.isEmpty()) {
        receive(network.removeFirst());
      } else if (!work()) {
        return;
      }
    }
    throw new AssertionError("never quiet");
  }

  private boolean work() {
    boolean worked = false;
    for (Host host : hosts.values()) {
      if (host.running() && host.disk().pending() > 0) {
        disk(host);
        worked = true;
      }
    }
    for (Host host : hosts.values()) {
      int before = host.applied().size();
      if (host.running()) {
        host.applyAll(nowNanos);
        host.takeSent().forEach(send -> network.add(letter(host, send)));
        printCompleted(host);
        worked |= host.applied().size() > before;
      }
    }
    return worked || !network.isEmpty();
  }

  private static Letter letter(Host host, Effect.Send send) {
    return new Letter(host.id(), send.to(), send.message());
  }

  private void printCompleted(Host host) {
    for (Effect.Complete complete : host.takeCompleted()) {
      out.append("  ").append(Show.effect(host.id(), complete)).append('\n');
    }
  }

  private void disk(Host host) {
    for (Input done : host.disk().flushAll()) {
      step(host, done);
    }
  }

  private Letter take(List<String> names) {
    for (int i = 0; i < network.size(); i++) {
      if (network.get(i).between(names.get(0), names.get(1))) {
        return network.remove(i);
      }
    }
    throw new IllegalArgumentException("no message on its way: " + names);
  }

  private void receive(Letter letter) {
    Host to = host(letter.to().text());
    boolean lost = !to.running() || !connected(letter);
    out.append(lost ? "  lost: " : "  ")
        .append(letter.from())
        .append(" => ")
        .append(letter.to())
        .append(' ')
        .append(Show.message(letter.message()))
        .append('\n');
    if (!lost) {
      indented(() -> step(to, new Input.Received(letter.from(), letter.message())));
    }
  }

  private boolean connected(Letter letter) {
    return !cut.contains(letter.from())
        && !cut.contains(letter.to())
        && !parted.contains(Set.of(letter.from().text(), letter.to().text()));
  }

  private void join(String name) {
    cut.remove(host(name).id());
    parted.removeIf(pair -> pair.contains(name));
  }

  /** What follows from a message is set in below it. */
  private void indented(Runnable action) {
    int start = out.length();
    action.run();
    String printed = out.substring(start);
    out.setLength(start);
    printed.lines().forEach(line -> out.append("  ").append(line).append('\n'));
  }

  private void status() {
    for (Host host : hosts.values()) {
      String text = host.running() ? Show.status(host.status()) : host.id() + " is down";
      out.append("  ").append(text).append('\n');
    }
  }
}
